/** A text, or the value of a column. */
export type TemplatePart = { readonly text: string } | { readonly column: string };

/** Why a template cannot be read, as a sentence; undefined if it can. */
export function templateProblem(template: string): string | undefined {
  const parts = readTemplate(template);
  if (parts === undefined)
    return 'has a brace without its partner. Write {column} for a column, {{ and }} for braces.';
  return parts.some((part) => 'column' in part)
    ? undefined
    : 'names no column. Write {column}, or use constant.';
}

/**
 * Reads a template such as `{givenName} {sn}`; `{{` and `}}` are braces. Undefined if a brace has no partner. Takes time
 * in proportion to its length.
 */
export function readTemplate(template: string): readonly TemplatePart[] | undefined {
  const parts: TemplatePart[] = [];
  let text = '';
  for (let at = 0; at < template.length; at += 1) {
    const letter = template.charAt(at);
    if (letter !== '{' && letter !== '}') {
      text += letter;
    } else if (template.charAt(at + 1) === letter) {
      text += letter;
      at += 1;
    } else {
      const end = template.indexOf('}', at);
      const column = template.slice(at + 1, end).trim();
      if (letter === '}' || end === -1 || column === '' || column.includes('{')) return undefined;
      if (text !== '') parts.push({ text });
      parts.push({ column });
      text = '';
      at = end;
    }
  }
  return text === '' ? parts : [...parts, { text }];
}
