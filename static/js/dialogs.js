// Asks once before a step that matters; without scripts the server's own confirmation page asks.
const dialog = document.getElementById("confirm-dialog");

function ask(text, action) {
  dialog.querySelector("[data-confirm-text]").textContent = text;
  const yes = dialog.querySelector("[data-confirm-yes]");
  yes.textContent = action || yes.dataset.default;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function confirmSubmit(event) {
  const form = event.target;
  const source = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!source.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!(await ask(source.dataset.confirm, source.dataset.confirmAction))) return;
  form.dataset.confirmed = "yes";
  form.requestSubmit(event.submitter ?? undefined);
  delete form.dataset.confirmed;
}

async function confirmLink(event) {
  const link = event.target.closest?.("a[data-confirm]");
  if (!link) return;
  event.preventDefault();
  if (await ask(link.dataset.confirm, link.dataset.confirmAction)) location.assign(link.href);
}

export function startDialogs() {
  if (!dialog?.showModal) return;
  document.addEventListener("submit", confirmSubmit, true);
  document.addEventListener("click", confirmLink);
}
