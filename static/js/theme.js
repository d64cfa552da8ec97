// Runs before the first paint so that a remembered theme never flashes the other one.
(() => {
  const media = { dark: "screen", light: "not all" };
  try {
    const theme = localStorage.getItem("theme");
    if (theme in media) document.getElementById("dark-theme").media = media[theme];
  } catch {
    // Storage may be closed to us; the system's theme stays.
  }
})();
