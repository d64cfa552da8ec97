// Amounts as the server writes them: 386.50 万元, CNY 3.865 million. Text in, text out; no digit is lost in between.
const chinese = () => document.documentElement.lang.startsWith("zh");
const group = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

// fen / 10^power, rounded half up to some places.
function shown(fen, power, places) {
  const scale = 10n ** BigInt(power - places);
  const rounded = power > places ? (fen + scale / 2n) / scale : fen * 10n ** BigInt(places - power);
  const text = rounded.toString().padStart(places + 1, "0");
  return places ? `${group(text.slice(0, -places))}.${text.slice(-places)}` : group(text);
}

function toFen(amount) {
  const [whole, part = ""] = String(amount).split(".");
  return BigInt(whole) * 100n + BigInt(part.padEnd(2, "0").slice(0, 2));
}

// [figure, unit]
export function shortYuan(amount) {
  const fen = toFen(amount);
  const yuan = fen / 100n;
  if (!chinese()) {
    if (yuan >= 1000000000n) return [`CNY ${shown(fen, 11, 2)}`, "billion"];
    if (yuan >= 1000000n) return [`CNY ${shown(fen, 8, 3)}`, "million"];
    return [`CNY ${shown(fen, 2, 2)}`, ""];
  }
  if (yuan >= 100000000n) return [shown(fen, 10, 2), "亿元"];
  if (yuan < 10000n || (yuan < 1000000n && fen % 10000n !== 0n)) return [shown(fen, 2, 2), "元"];
  return [shown(fen, 6, fen % 10000n === 0n ? 2 : 4), "万元"];
}
