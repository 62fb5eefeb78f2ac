// The demo page's own controls; `?theme=dark&lang=es&dir=rtl&brand=plum` sets them from the address.
addEventListener("DOMContentLoaded", () => {
  const chat = document.querySelector("rejoinder-chat");
  const look = document.querySelector("#look");
  const asked = new URLSearchParams(location.search);

  const show = () => {
    const { theme, brand, lang, dir } = Object.fromEntries(new FormData(look));
    for (const [name, value] of Object.entries({ theme, lang, dir })) {
      if (value) chat.setAttribute(name, value);
      else chat.removeAttribute(name);
    }
    chat.className = brand;
  };

  for (const field of look.elements) {
    if (asked.has(field.name)) field.value = asked.get(field.name);
  }
  look.addEventListener("change", show);
  show();
  document.querySelector("#ask").addEventListener("click", () => chat.open());
});
