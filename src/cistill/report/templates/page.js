// The page's own behaviour, before its charts and tables: ground, folds, print. `cistill` is what other scripts use.
"use strict";
const cistill = {
  data(id) {
    const element = document.getElementById(id);
    return element ? JSON.parse(element.textContent) : null;
  },

  // Runs a task once, when an element first comes near the view: a long page then opens at once. In a closed fold an
  // element is nowhere; opening the fold brings it near.
  whenNear(element, task) {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      task();
    }, { rootMargin: "300px" });
    watch.observe(element);
  },

  save(name, content, type) {
    const link = document.createElement("a");
    link.href = typeof content === "string" && content.startsWith("data:")
      ? content : URL.createObjectURL(new Blob([content], { type }));
    link.download = name;
    link.click();
    if (link.href.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  },

  button(words, label, task) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", task);
    return button;
  },
};

(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let stored = null;
  try { stored = localStorage.getItem("cistill-ground"); } catch { /* a file:// page may have no storage */ }
  const shown = () => root.style.colorScheme || (dark.matches ? "dark" : "light");
  if (stored === "dark" || stored === "light") root.style.colorScheme = stored;
  const ground = cistill.button("", "", () => {
    root.style.colorScheme = shown() === "dark" ? "light" : "dark";
    try { localStorage.setItem("cistill-ground", root.style.colorScheme); } catch { /* then only this view keeps it */ }
    name();
  });
  ground.className = "ground";
  const name = () => {
    const other = shown() === "dark" ? "light" : "dark";
    ground.textContent = other === "dark" ? "Dark" : "Light";
    ground.setAttribute("aria-label", `Show the page on a ${other} ground`);
    ground.title = ground.getAttribute("aria-label");
  };
  name();
  dark.addEventListener("change", name);
  document.getElementById("top")?.append(ground);
})();

// A link leads into closed folds: these open. Print shows what folds hold.
(() => {
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target?.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of opened) fold.open = false;
    opened = [];
  });
})();
