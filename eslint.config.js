import js from "@eslint/js";
import globals from "globals";

/** Django's JavaScript catalogue puts these on every page. */
const DJANGO = { gettext: "readonly", ngettext: "readonly", pgettext: "readonly", interpolate: "readonly" };

/** What tests/js/page.js and fake-indexeddb bring. */
const FAKED = { Element: "readonly", document: "readonly", localStorage: "writable", indexedDB: "writable" };

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      complexity: ["error", 12],
      "consistent-return": "error",
      "max-lines": ["error", 400],
      curly: ["error", "multi-line"],
      "default-case-last": "error",
      eqeqeq: "error",
      "no-console": "error",
      "no-else-return": "error",
      "no-eval": "error",
      "no-implicit-coercion": "error",
      "no-implied-eval": "error",
      "no-lonely-if": "error",
      "no-new-func": "error",
      "no-param-reassign": "error",
      "no-promise-executor-return": "error",
      "no-return-assign": ["error", "except-parens"],
      "no-self-compare": "error",
      "no-sequences": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-unmodified-loop-condition": "error",
      "no-unneeded-ternary": "error",
      "no-unreachable-loop": "error",
      "no-unused-expressions": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-arrow-callback": "error",
      "prefer-const": "error",
      "prefer-object-has-own": "error",
      "prefer-template": "error",
      yoda: "error",
    },
  },
  { files: ["static/js/**"], languageOptions: { globals: { ...globals.browser, ...DJANGO } } },
  { files: ["static/js/theme.js"], languageOptions: { sourceType: "script" } },
  { files: ["tests/js/**", "*.config.js"], languageOptions: { globals: globals.node } },
  { files: ["tests/js/**"], languageOptions: { globals: FAKED } },
];
