// The room as it happens: the stream (or polling where it is cut), the server's clock, bids that count once.
import { exactYuan } from "./app.js";
import { spell } from "./countdown.js";
import { shortYuan } from "./yuan.js";
import { startBidding } from "./bidding.js";

const room = document.getElementById("room");
const words = document.getElementById("room-words").dataset;
const find = (name) => document.querySelector(`[data-${name}]:not(#room-words)`);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const ROWS = 20;
const POLL_MS = 3000;
const CHART_MS = 8000;

const state = {
  sequence: Number(room.dataset.sequence),
  phase: room.dataset.phase,
  endsAt: room.dataset.endsAt,
  own: Number(room.dataset.own) || null,
  limit: null,
  hasBid: find("standing")?.dataset.standing !== "none",
};

// --- the server's clock -------------------------------------------------------------------------------------------
// The smallest delay seen so far gives the best guess of its time; a late message never sets it back.
const clock = { offset: Date.parse(room.dataset.now) - performance.now() };
const serverNow = () => performance.now() + clock.offset;
function hearTime(iso) {
  clock.offset = Math.max(clock.offset, Date.parse(iso) - performance.now());
}
const beijing = (ms, from, to) => new Date(ms + 8 * 3600 * 1000).toISOString().slice(from, to);
const clockTime = (iso) => beijing(Date.parse(iso), 11, 19);
const fullTime = (ms) => fill(words.beijing, { time: beijing(ms, 0, 19).replace("T", " ") });

function tick() {
  const clockElement = find("clock");
  clockElement.textContent = fullTime(serverNow());
  const counter = find("room-countdown");
  if (!counter) return;
  const left = Math.max(0, Math.ceil((Date.parse(counter.dataset.roomCountdown) - serverNow()) / 1000));
  counter.dataset.ticking = "";
  counter.classList.toggle("is-near", left <= 300);
  counter.textContent = left > 0 ? spell(left, words.day) : "00:00";
  if (left === 0) say(state.phase === "scheduled" ? words.starting : words.ending);
}

// --- saying things ------------------------------------------------------------------------------------------------
let lastSaid = "";
function say(text) {
  // The same sentence twice is said once; a screen reader hears it when it has finished speaking.
  if (text === lastSaid) return;
  lastSaid = text;
  find("said").textContent = text;
}
function showConnection(kind) {
  const element = find("connection");
  if (element.dataset.connection === kind) return;
  element.dataset.connection = kind;
  find("connection-text").textContent = { live: words.connected, polling: words.polling, offline: words.offline }[kind];
}

// --- what everybody sees ------------------------------------------------------------------------------------------
function showPrice(auction) {
  const amount = auction.price ?? auction.opening;
  const element = find("price");
  if (element.dataset.price !== amount) {
    const card = document.querySelector(".room-price");
    card.classList.remove("is-new");
    void card.offsetWidth;
    card.classList.add("is-new");
  }
  element.dataset.price = amount;
  const [figure, unit] = shortYuan(amount);
  find("price-figure").textContent = figure;
  find("price-unit").textContent = unit;
  element.title = find("price-exact").textContent = fill(words.yuan, { amount: exactYuan(amount, 1) });
  if (auction.price !== null) find("price-label").textContent = words.price;
  find("bids").textContent = fill(words.bids, { count: auction.bids });
  find("leader").textContent = auction.leader === null ? "" : fill(words.leader, { number: auction.leader });
}

function showTime(auction) {
  const counter = find("room-countdown");
  if (!counter || auction.phase === "scheduled") return;
  if (auction.ends_at !== state.endsAt && Date.parse(auction.ends_at) > Date.parse(state.endsAt)) {
    find("extended").textContent = fill(words.extended, { time: clockTime(auction.ends_at) });
  }
  state.endsAt = counter.dataset.roomCountdown = auction.ends_at;
  if (auction.phase !== "timed") return;
  counter.classList.add("is-timed");
  find("end-text").textContent = fill(words.endTimed, { minutes: words.minutes, time: fullTime(Date.parse(auction.ends_at)) });
  const badge = find("phase-badge").querySelector(".badge");
  if (state.phase === "free" && badge) {
    badge.className = "badge tone-waiting";
    badge.lastChild.textContent = words.timed;
  }
}

function showStanding(auction) {
  const box = find("standing");
  if (!box) return;
  if (state.own !== null && auction.leader === state.own) state.hasBid = true;
  const now = auction.leader === state.own ? "leads" : state.hasBid ? "outbid" : "none";
  const least = shortYuan(auction.minimum).join(" ").trim();
  const text = {
    leads: state.limit ? fill(words.leadsLimit, { amount: shortYuan(state.limit).join(" ") }) : words.leads,
    outbid: fill(words.outbid, { amount: least }),
    none: fill(words.none, { amount: least }),
  }[now];
  const changed = box.dataset.standing !== now;
  box.dataset.standing = now;
  box.className = `standing is-${now}`;
  // What the page said of a standing limit stays until the standing changes.
  if (changed || now !== "leads" || state.limit) find("standing-text").textContent = text;
  if (changed) say(text);
}

function showQuick(auction) {
  const box = find("quick");
  if (!box) return;
  [...box.querySelectorAll("button")].forEach((button, place) => {
    const amount = auction.next_amounts[place];
    button.hidden = amount === undefined;
    if (amount === undefined) return;
    const short = shortYuan(amount).join(" ").trim();
    const exact = fill(words.yuan, { amount: exactYuan(amount, 1) });
    button.value = amount;
    button.textContent = short;
    button.title = exact;
    button.dataset.ask = fill(words.askBid, { amount: exact });
    button.dataset.confirmAction = fill(words.askAction, { amount: short });
    if (button.dataset.confirm) button.dataset.confirm = button.dataset.ask;
  });
}

// As the server writes it: to the millisecond today, with its day before.
function bidTime(ms) {
  const today = beijing(ms, 0, 10) === beijing(serverNow(), 0, 10);
  return today ? beijing(ms, 11, 23) : beijing(ms, 5, 19).replace("T", " ");
}

function row(bid) {
  const tr = document.createElement("tr");
  tr.dataset.sequence = bid.sequence;
  const own = bid.bidder === state.own;
  if (own) tr.className = "is-own";
  const cells = [
    ["log-no", String(bid.sequence)],
    ["", fill(words.number, { number: bid.bidder })],
    ["", bid.auto ? words.auto : words.bid],
    ["num amount", shortYuan(bid.amount).join(" ").trim()],
    ["num", bidTime(Date.parse(bid.at))],
  ];
  cells.forEach(([kind, text], place) => {
    const td = document.createElement("td");
    td.className = kind;
    td.textContent = text;
    if (place === 1 && own) {
      td.append(" ", Object.assign(document.createElement("span"), { className: "you", textContent: words.you }));
    }
    tr.append(td);
  });
  return tr;
}

function showBids(bids, whole) {
  const body = find("bid-rows");
  if (!body) return;
  const known = Number(body.firstElementChild?.dataset.sequence ?? 0);
  const fresh = bids.filter((bid) => whole || bid.sequence > known);
  if (whole) body.replaceChildren();
  for (const bid of fresh) body.prepend(row(bid));
  while (body.children.length > ROWS) body.lastElementChild.remove();
  find("no-bids").hidden = body.children.length > 0;
  const last = fresh.at(-1);
  if (last && last.sequence > known) {
    const amount = shortYuan(last.amount).join(" ").trim();
    say(fill(last.bidder === state.own ? words.saidOwn : words.said, { number: last.bidder, amount }));
  }
}

let chartAt = 0;
let chartTimer = null;
function drawChart() {
  // The drawing comes from the server; a hot auction asks for it now and then, everybody at another moment.
  if (chartTimer) return;
  const wait = Math.max(300, chartAt + CHART_MS - performance.now()) + Math.random() * 1500;
  chartTimer = setTimeout(async () => {
    chartTimer = null;
    chartAt = performance.now();
    if (document.hidden) return;
    const box = find("chart");
    if (!box) return;
    const open = box.querySelector("details")?.open;
    const answer = await fetch(room.dataset.chartUrl).catch(() => null);
    if (!answer?.ok) return;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    box.replaceChildren(...parsed.body.childNodes);
    const details = box.querySelector("details");
    if (details && open) details.open = true;
  }, wait);
}

function moveOn() {
  // Other words, other forms: the server draws them. Nobody loses what they are typing.
  say(words.moved);
  const typing = document.activeElement?.matches("input:not([type=checkbox]), textarea") && document.activeElement.value;
  if (typing) {
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = words.reload;
    find("extended")?.replaceChildren(link);
    return;
  }
  setTimeout(() => location.reload(), 500 + Math.random() * 2000);
}

function take(message) {
  hearTime(message.now);
  const auction = message.auction;
  if (auction.sequence < state.sequence) return;
  const same = auction.sequence === state.sequence;
  state.sequence = auction.sequence;
  if (auction.phase !== state.phase && !(state.phase === "free" && auction.phase === "timed")) {
    state.phase = auction.phase;
    moveOn();
    return;
  }
  showTime(auction);
  state.phase = auction.phase;
  showPrice(auction);
  showStanding(auction);
  showQuick(auction);
  showBids(message.bids, message.whole);
  if (!same) drawChart();
}

// --- the stream, and polling where it is cut -----------------------------------------------------------------------
let polling = null;
async function poll() {
  const answer = await fetch(`${room.dataset.stateUrl}?since=${state.sequence}`).catch(() => null);
  if (!answer?.ok) {
    showConnection("offline");
    return;
  }
  if (polling) showConnection("polling");
  take(await answer.json());
}
function startPolling() {
  if (polling) return;
  polling = setInterval(poll, POLL_MS + Math.random() * 1000);
  poll();
}
function stopPolling() {
  clearInterval(polling);
  polling = null;
}
function listen() {
  const address = new URL(room.dataset.stream, location.href);
  address.searchParams.set("since", state.sequence);
  const stream = new EventSource(address);
  stream.addEventListener("open", () => {
    stopPolling();
    showConnection("live");
  });
  stream.addEventListener("auction", (event) => take(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    startPolling();
    if (stream.readyState !== EventSource.CLOSED) return;
    stream.close();
    setTimeout(listen, 10000 + Math.random() * 5000);
  });
}

startBidding({
  words,
  state,
  find,
  fill,
  fullTime,
  poll,
});
tick();
setInterval(tick, 250);
listen();
