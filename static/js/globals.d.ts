/** What Django's JavaScript catalogue puts on every page. */
declare function gettext(message: string): string;
declare function ngettext(singular: string, plural: string, count: number): string;
declare function pgettext(context: string, message: string): string;
declare function interpolate(format: string, values: readonly unknown[]): string;
declare function interpolate(format: string, values: object, named: true): string;
