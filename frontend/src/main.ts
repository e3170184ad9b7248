// Interaction added to pages that read well without it.
import { readableCharts } from "./charts";
import { closingMenus, copying, pressedKeys, submittingChoices } from "./pieces";

readableCharts(document);
closingMenus(document);
copying(document);
pressedKeys(document);
submittingChoices(document);

const island = document.querySelector<HTMLElement>("[data-map]");
if (island) {
  void import("./map").then(({ drawMap }) => drawMap(island));
}
const search = document.querySelector<HTMLFormElement>("form[data-site-search]");
if (search) {
  void import("./site_search").then(({ siteSearch }) => siteSearch(search));
}
// a device may keep records that are not sent: signing out asks before it clears them
for (const form of document.querySelectorAll<HTMLFormElement>('form[action$="/account/logout/"]')) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    import("./forms/sign_out").then(({ leave }) => leave(form)).catch(() => form.submit());
  });
}
// a page that htmx has changed has new charts in it
document.addEventListener("htmx:load", (event) => {
  const part = event.target;
  if (part instanceof HTMLElement) {
    readableCharts(part);
    submittingChoices(part);
  }
});
