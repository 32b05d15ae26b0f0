import js from '@eslint/js';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist', 'lib', 'node_modules', 'scripts', '*.mjs'] },
  js.configs.recommended,
  ...ts.configs.strict
);
