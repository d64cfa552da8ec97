// Makes pages quicker to use; every one of them works without this file.
import { startAutosave } from "./autosave.js";
import { startCountdowns } from "./countdown.js";
import { startDialogs } from "./dialogs.js";

const words = document.getElementById("app-words")?.dataset ?? {};
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") closeMenus();
    if (typing(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      const search = document.getElementById("site-search");
      search?.focus();
      search?.select();
    }
    if (event.key === "?") document.getElementById("help-dialog")?.showModal();
  });
  for (const button of document.querySelectorAll("[data-help]")) {
    button.hidden = false;
    button.addEventListener("click", () => document.getElementById("help-dialog").showModal());
  }
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu === except) continue;
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector("summary").focus();
  }
}

function startMenus() {
  document.addEventListener("click", (event) => closeMenus(event.target.closest?.("details.menu")));
}

function startSideNav() {
  document.querySelector(".side-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

function startTheme() {
  const sheet = document.getElementById("dark-theme");
  const dark = () => matchMedia(sheet.media).matches;
  for (const button of document.querySelectorAll("[data-theme-switch]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", String(dark()));
    button.addEventListener("click", () => {
      sheet.media = dark() ? "not all" : "screen";
      button.setAttribute("aria-pressed", String(dark()));
      try {
        localStorage.setItem("theme", dark() ? "dark" : "light");
      } catch {
        // Not remembered, still switched.
      }
    });
  }
}

function startCopy(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
  }
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = document.createElement("span");
  label.setAttribute("role", "status");
  label.textContent = words.copied;
  button.after(label);
  setTimeout(() => label.remove(), 2000);
}

// 386.5 万元 is said as 3,865,000.00 元 in whole fen, with integers, so that no digit is lost.
export function exactYuan(text, factor) {
  const match = /^(\d{1,12})(?:\.(\d{0,6}))?$/.exec(text.replace(/[,，\s]/g, ""));
  if (!match) return "";
  const micros = BigInt(match[1]) * 1000000n + BigInt((match[2] ?? "").padEnd(6, "0"));
  const scaled = micros * BigInt(factor);
  if (scaled % 10000n !== 0n) return "";
  const fen = scaled / 10000n;
  const whole = (fen / 100n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${(fen % 100n).toString().padStart(2, "0")}`;
}

function echoMoney(input) {
  const echo = document.getElementById(`${input.id}-echo`);
  if (!echo) return;
  const amount = exactYuan(input.value, input.dataset.moneyEcho);
  echo.textContent = amount ? words.yuan.replace("{amount}", amount) : "";
}

function checkFile(input) {
  const limit = Number(input.dataset.maxMb);
  const tooLarge = [...input.files].some((file) => file.size > limit * 1024 * 1024);
  input.setCustomValidity(tooLarge ? words.tooLarge.replace("{size}", limit) : "");
  if (tooLarge) input.reportValidity();
}

function startFields() {
  document.addEventListener("input", (event) => {
    if (event.target.dataset?.moneyEcho) echoMoney(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.dataset?.maxMb) checkFile(event.target);
    if (event.target.matches?.("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button);
  });
}

function rowKeys(event) {
  const row = event.target.closest?.("tr[data-href]");
  if (!row || event.target !== row) return;
  const rows = [...row.parentElement.querySelectorAll("tr[data-href]")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    rows[rows.indexOf(row) + step]?.focus();
  }
  if (event.key === "Enter") location.assign(row.dataset.href);
}

function startRows(root) {
  for (const row of root.querySelectorAll("tr[data-href]")) row.tabIndex = 0;
}

function refresh(root) {
  startCopy(root);
  startRows(root);
  startCountdowns(root, words);
  for (const input of root.querySelectorAll("[data-money-echo]")) echoMoney(input);
}

startKeys();
startMenus();
startTheme();
startSideNav();
startFields();
startDialogs();
startAutosave(words);
document.addEventListener("keydown", rowKeys);
document.addEventListener("htmx:load", (event) => refresh(event.target));
refresh(document);
document.querySelector("[data-focus]")?.focus();
