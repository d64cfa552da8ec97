// Countdowns run on the server's clock: the page brings its time, the steady timer adds what has passed since.
const loaded = performance.now();

export function timeLeft(end, serverNow, elapsed) {
  return Math.max(0, Math.ceil((Date.parse(end) - Date.parse(serverNow) - elapsed) / 1000));
}

export function spell(seconds, dayWord) {
  const days = Math.floor(seconds / 86400);
  const pad = (value) => String(Math.floor(value)).padStart(2, "0");
  const hours = Math.floor((seconds % 86400) / 3600);
  const clock = `${pad((seconds % 3600) / 60)}:${pad(seconds % 60)}`;
  if (days > 0) return `${dayWord.replace("{n}", days)} ${pad(hours)}:${clock}`;
  return hours > 0 ? `${pad(hours)}:${clock}` : clock;
}

function tick(element, since, words) {
  const left = timeLeft(element.dataset.countdown, element.dataset.serverNow, performance.now() - since);
  element.textContent = left > 0 ? spell(left, words.day) : element.dataset.done;
  element.classList.toggle("is-near", left > 0 && left <= 300);
  if (left === 0) element.dispatchEvent(new CustomEvent("countdown:end", { bubbles: true }));
  return left > 0;
}

export function startCountdowns(root, words) {
  const since = root === document ? loaded : performance.now();
  for (const element of root.querySelectorAll("[data-countdown]")) {
    if (element.dataset.running) continue;
    element.dataset.running = "yes";
    element.title = element.textContent;
    if (!tick(element, since, words)) continue;
    const timer = setInterval(() => {
      if (!element.isConnected || !tick(element, since, words)) clearInterval(timer);
    }, 500);
  }
}
