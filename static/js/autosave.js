// Long forms save themselves as drafts: a second after a change, one request at a time, nothing lost between.
const QUIET = 1000;
const RETRY = 8000;

class Autosave {
  constructor(form, words) {
    this.form = form;
    this.words = words;
    this.status = form.querySelector("[data-autosave-status]");
    this.timer = 0;
    this.busy = false;
    this.dirty = false;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", () => this.stop());
  }

  changed() {
    this.dirty = true;
    this.later(QUIET);
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  stop() {
    clearTimeout(this.timer);
    this.dirty = false;
  }

  say(text) {
    if (this.status) this.status.textContent = text;
  }

  async save() {
    if (this.busy || !this.dirty) return;
    this.busy = true;
    this.dirty = false;
    this.say(this.words.saving);
    try {
      const answer = await fetch(this.form.dataset.autosave, {
        method: "POST",
        body: withoutFiles(new FormData(this.form)),
        headers: { Accept: "application/json", "X-Requested-With": "autosave" },
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      this.say(this.words.saved.replace("{time}", await savedAt(answer)));
    } catch {
      this.dirty = true;
      this.say(this.words.unsaved);
      this.later(RETRY);
    } finally {
      this.busy = false;
    }
    if (this.dirty) this.later(RETRY);
  }
}

function withoutFiles(data) {
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}

// The server's time, from its answer: never the browser's own clock.
async function savedAt(answer) {
  const json = answer.headers.get("Content-Type")?.includes("json");
  const told = json ? (await answer.json()).saved_at : null;
  const moment = new Date(told ?? answer.headers.get("Date"));
  return moment.toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false });
}

export function startAutosave(words) {
  for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form, words);
}
