// Small helps that no page depends on: no double submission, rows added to a form, the account menu closing by itself.
(function () {
  "use strict";
  document.documentElement.classList.add("scripted");
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.who[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) { menu.removeAttribute("open"); }
    });
    var button = event.target.closest("[data-add-row]");
    if (!button) { return; }
    var body = document.getElementById(button.dataset.addRow);
    var copy = body.lastElementChild.cloneNode(true);
    copy.querySelectorAll("input, select, textarea").forEach(function (field) {
      field.name = field.name.replace(/-(\d+)-/, function (_, n) { return "-" + (Number(n) + 1) + "-"; });
      field.removeAttribute("id");
      field.removeAttribute("aria-describedby");
      field.classList.remove("is-invalid");
      if (field.type !== "checkbox" && !("keep" in field.dataset)) { field.value = ""; }
    });
    copy.querySelectorAll(".cell-error, .invalid-feedback").forEach(function (error) { error.remove(); });
    body.appendChild(copy);
    copy.querySelector("input, select").focus();
  });
})();
