"use strict";
(() => {
  const form = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const all = [...document.querySelectorAll("article")];
  const fields = ["code", "path", "fix", "text"];
  const field = (name) => form.elements.namedItem(name);

  const matches = (article) =>
    ["code", "path", "fix"].every((name) => !field(name).value || article.dataset[name] === field(name).value) &&
    article.textContent.toLowerCase().includes(field("text").value.trim().toLowerCase());

  const filter = () => {
    let count = 0;
    for (const article of all) {
      article.hidden = !matches(article);
      count += article.hidden ? 0 : 1;
    }
    shown.textContent = `${count} of ${all.length} shown`;
  };

  const keep = () => {
    const kept = new URLSearchParams();
    for (const name of fields) if (field(name).value) kept.set(name, field(name).value);
    history.replaceState(null, "", kept.size ? `#?${kept}` : location.pathname + location.search);
  };

  const restore = () => {
    if (!location.hash.startsWith("#?")) {
      const target = location.hash && document.getElementById(location.hash.slice(1));
      if (target && target.hidden) { form.reset(); filter(); target.scrollIntoView(); }
      return;
    }
    const kept = new URLSearchParams(location.hash.slice(2));
    for (const name of fields) field(name).value = kept.get(name) || "";
    filter();
  };

  const step = (by) => {
    const visible = all.filter((article) => !article.hidden);
    const at = visible.findIndex((article) => article.contains(document.activeElement));
    const next = visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : at + by];
    if (next) { next.focus({ preventScroll: true }); next.scrollIntoView(); }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !field("keys").checked) return;
    if (event.target.closest("input, select, textarea")) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "/") field("text").focus();
    else return;
    event.preventDefault();
  });
  form.addEventListener("input", (event) => { if (event.target.name !== "keys") { filter(); keep(); } });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { filter(); keep(); }));
  for (const link of document.querySelectorAll("a[data-only]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      form.reset();
      field(link.dataset.only).value = link.dataset.value;
      filter();
      keep();
      document.getElementById("findings").focus();
    });
  }
  window.addEventListener("hashchange", restore);
  form.hidden = false;
  filter();
  restore();
})();
