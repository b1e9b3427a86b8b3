// The form for a new meeting: what it says, as metadata of an upload.

const FIELDS = ['department', 'title', 'kind', 'language', 'date', 'place', 'body', 'participants', 'agenda', 'purpose', 'legal_basis'];

/** metadataOf is what a form says of a meeting. @returns {Object<string, string>} */
export function metadataOf(form) {
  const metadata = {};
  for (const name of FIELDS) {
    const value = form.elements[name]?.value.trim(); // there may be no department to choose
    if (name === 'department' && value === '-') continue; // none is chosen, which is another thing than nothing
    if (value) metadata[name] = value;
  }
  if (form.elements.told?.checked) metadata.told = 'yes';
  return metadata;
}
