"use strict";
(() => {
  const root = document.documentElement;
  const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const store = (theme) => { try { localStorage.setItem("theme", theme); } catch { /* pages from a file may have no storage */ } };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  if (["light", "dark"].includes(stored())) root.dataset.theme = stored();
  root.classList.add("scripted");

  const MOST = 30;

  function find(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const found = [];
    for (const [title, kind, address, text] of window.searchIndex ?? []) {
      const name = title.toLowerCase();
      const rest = `${kind} ${text}`.toLowerCase();
      let score = 0;
      for (const word of words) {
        if (name === word) score += 100;
        else if (name.startsWith(word)) score += 40;
        else if (name.includes(word)) score += 20;
        else if (rest.includes(word)) score += 1;
        else { score = 0; break; }
      }
      if (score) found.push({ title, kind, address, text, score });
    }
    return found.sort((one, other) => other.score - one.score);
  }

  function excerpt(text, query) {
    const word = query.toLowerCase().split(/\s+/).find((each) => each && text.toLowerCase().includes(each));
    const at = word ? text.toLowerCase().indexOf(word) : 0;
    const start = Math.max(0, at - 40);
    return (start ? "…" : "") + text.slice(start, start + 120) + (text.length > start + 120 ? "…" : "");
  }

  function startSearch() {
    const form = document.querySelector(".search");
    const field = document.getElementById("search");
    const panel = document.getElementById("results");
    const status = panel.querySelector("[role=status]");
    const list = panel.querySelector("ol");
    form.hidden = false;
    const close = () => { panel.hidden = true; };

    function show() {
      const query = field.value.trim();
      if (!query) { close(); return; }
      const found = find(query);
      status.textContent = found.length ? `${found.length} found` : "Nothing found";
      list.replaceChildren(...found.slice(0, MOST).map((entry) => {
        const link = document.createElement("a");
        link.href = entry.address;
        const about = document.createElement("small");
        about.textContent = [entry.kind, excerpt(entry.text, query)].filter(Boolean).join(" · ");
        link.append(entry.title, about);
        link.addEventListener("click", close);
        const item = document.createElement("li");
        item.append(link);
        return item;
      }));
      panel.hidden = false;
    }

    field.addEventListener("input", show);
    field.addEventListener("focus", show);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      list.querySelector("a")?.click();
    });
    form.addEventListener("keydown", (event) => {
      const stops = [field, ...list.querySelectorAll("a")];
      const at = stops.indexOf(document.activeElement);
      if (event.key === "Escape") { field.focus(); close(); }
      if (panel.hidden || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
      event.preventDefault();
      stops.at((at + (event.key === "ArrowDown" ? 1 : -1)) % stops.length).focus();
    });
    form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
      event.preventDefault();
      field.focus();
    });
  }

  function startTheme() {
    const button = document.getElementById("theme");
    const show = () => button.setAttribute("aria-pressed", String(isDark()));
    button.hidden = false;
    show();
    dark.addEventListener("change", show);
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      store(root.dataset.theme);
      show();
    });
  }

  function startMenu() {
    const button = document.getElementById("menu");
    const pages = document.getElementById("pages");
    button.hidden = false;
    button.addEventListener("click", () => {
      button.setAttribute("aria-expanded", String(pages.classList.toggle("open")));
    });
  }

  document.addEventListener("DOMContentLoaded", () => { startSearch(); startTheme(); startMenu(); });
})();
