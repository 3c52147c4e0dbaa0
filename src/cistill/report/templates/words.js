// Meanings of terms: shown next to a term on hover, keyboard focus or a tap; Escape hides them. Without this, a term is a link
// to its entry at the end of the page.
"use strict";
(() => {
  const terms = [...document.querySelectorAll("a.term")];
  if (!terms.length) return;
  const box = document.createElement("div");
  box.className = "meaning";
  box.hidden = true;
  document.body.append(box);
  let shown = null;
  let timer = 0;

  const hide = () => {
    clearTimeout(timer);
    box.hidden = true;
    shown = null;
  };
  const hideSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, 200);
  };
  const show = (term) => {
    clearTimeout(timer);
    const entry = document.getElementById(term.hash.slice(1));
    const [name, words] = [entry.querySelector("dt"), entry.querySelector("dd")];
    const strong = document.createElement("strong");
    strong.textContent = name.textContent;
    box.replaceChildren(strong, ` ${words.textContent}`);
    box.hidden = false;
    const place = term.getClientRects()[0];
    const left = Math.min(place.left, document.documentElement.clientWidth - box.offsetWidth - 8);
    const below = place.bottom + box.offsetHeight + 8 < innerHeight;
    box.style.left = `${Math.max(8, left) + scrollX}px`;
    box.style.top = `${(below ? place.bottom + 4 : place.top - box.offsetHeight - 4) + scrollY}px`;
    shown = term;
  };

  for (const term of terms) {
    term.setAttribute("aria-describedby", `${term.hash.slice(1)}-meaning`);
    term.addEventListener("mouseenter", () => show(term));
    term.addEventListener("mouseleave", hideSoon);
    term.addEventListener("focus", () => show(term));
    term.addEventListener("blur", hideSoon);
    term.addEventListener("click", (event) => {
      event.preventDefault();
      show(term);
    });
  }
  box.addEventListener("mouseenter", () => clearTimeout(timer));
  box.addEventListener("mouseleave", hideSoon);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown) hide();
  });
})();
