// Bids sent by script: one key a bid, kept while its answer is unknown, so that a retry counts once.
import { exactYuan } from "./app.js";
import { shortYuan } from "./yuan.js";

const RETRIES_MS = [500, 1500, 4000, 8000];
const ASK_KEY = "room-ask-first";

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function send(form, data, waiting) {
  for (const wait of [0, ...RETRIES_MS]) {
    if (wait) {
      waiting();
      await pause(wait);
    }
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } }).catch(
      () => null,
    );
    // 5xx: it may have been decided or not. The same key asked again brings out the truth.
    if (answer && answer.status < 500) return { status: answer.status, body: await answer.json().catch(() => ({})) };
  }
  return null;
}

export function startBidding(room) {
  const { words, state, find, fill, fullTime } = room;
  const answerBox = find("answer");
  if (!answerBox) return;
  const busy = new Set();

  function tell(kind, ...sentences) {
    answerBox.className = `bid-answer is-${kind}`;
    answerBox.replaceChildren(
      ...sentences.filter(Boolean).map((text) => Object.assign(document.createElement("p"), { textContent: text })),
    );
  }

  function reasonOf(body) {
    const listed = [...document.querySelectorAll("#room-refusals li")].find((item) => item.dataset.code === body.refusal);
    return listed?.textContent ?? Object.values(body.errors ?? {})[0]?.[0] ?? body.detail ?? words.lost;
  }

  function refused(body) {
    const facts = [reasonOf(body)];
    if (body.at && body.auction) {
      const end = fullTime(Date.parse(body.auction.ends_at));
      facts.push(fill(words.decided, { at: fullTime(Date.parse(body.at)), end }));
    }
    if (body.minimum) facts.push(fill(words.least, { amount: fill(words.yuan, { amount: exactYuan(body.minimum, 1) }) }));
    tell(body.refusal === "needs_second_approval" ? "waiting" : "refused", ...facts);
  }

  function accepted(body) {
    const amount = shortYuan(body.amount).join(" ").trim();
    state.hasBid = true;
    if (body.kind === "limit") state.limit = body.amount;
    const text = !body.leads ? words.placedOutbid : body.kind === "limit" ? words.limitSet : words.placed;
    tell(body.leads ? "done" : "waiting", fill(text, { amount }));
    if (body.receipt) keepReceipt(body);
  }

  function keepReceipt(body) {
    const box = find("receipts");
    if (!box) return;
    const file = new Blob([JSON.stringify(body.receipt, null, 1)], { type: "application/json" });
    const said = Object.assign(document.createElement("p"), { textContent: words.signed });
    const line = document.createElement("p");
    const code = Object.assign(document.createElement("code"), {
      textContent: `${body.receipt.leaf.slice(0, 4)}…${body.receipt.leaf.slice(-4)} `,
    });
    const link = Object.assign(document.createElement("a"), {
      href: URL.createObjectURL(file),
      download: `${body.receipt.auction}-${body.receipt.sequence}.receipt.json`,
      textContent: words.save,
    });
    line.append(code, link);
    for (const part of [said, line]) part.className = "small";
    box.replaceChildren(said, line, box.lastElementChild);
  }

  async function submit(event) {
    const form = event.target.closest("[data-bid-form]");
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    if (busy.has(form)) return;
    const data = new FormData(form, event.submitter);
    if (!data.get("amount")) return;
    busy.add(form);
    tell("waiting", words.sending);
    const answer = await send(form, data, () => tell("waiting", words.retry));
    busy.delete(form);
    if (answer === null) {
      // The key stays in the form: sent again, it is still the same bid.
      tell("refused", words.lost);
      return;
    }
    form.querySelector("[data-key]").value = newKey();
    const body = answer.body;
    if (body.accepted) {
      accepted(body);
      const typed = form.querySelector("input[name=amount]");
      if (typed) typed.value = "";
    } else {
      refused(body);
    }
    // The log's rows come with the stream; who polls asks at once.
    room.poll();
  }

  function askFirst() {
    const box = find("ask-first");
    const choice = box.querySelector("input");
    box.hidden = false;
    const forms = document.querySelectorAll("[data-bid-form]");
    const elements = [...forms, ...document.querySelectorAll("[data-quick] button")].filter((one) => one.dataset.confirm);
    for (const one of elements) one.dataset.ask = one.dataset.confirm;
    const apply = () => {
      for (const one of elements) {
        if (choice.checked) one.dataset.confirm = one.dataset.ask;
        else delete one.dataset.confirm;
      }
    };
    try {
      choice.checked = localStorage.getItem(ASK_KEY) !== "no";
    } catch {
      choice.checked = true;
    }
    choice.addEventListener("change", () => {
      try {
        localStorage.setItem(ASK_KEY, choice.checked ? "yes" : "no");
      } catch {
        // Not remembered, still chosen.
      }
      apply();
    });
    apply();
  }

  document.addEventListener("submit", submit);
  askFirst();
}
