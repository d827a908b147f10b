// Runs the updater's cases under another version of PHP, which an npm package
// carries as WebAssembly: node .ci/php.mjs FOLDER PACKAGE, where the package is
// installed in FOLDER/node_modules. It has no sodium, unlike Debian's.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [folder, name] = process.argv.slice(2);
const installed = createRequire(join(resolve(folder), 'node_modules', 'x.js'));
const { getPHPLoaderModule } = installed(name);
const { PHP, loadPHPRuntime } = createRequire(installed.resolve(name))('@php-wasm/universal');

const php = new PHP(await loadPHPRuntime(await getPHPLoaderModule()));
const cases = 'templates/testdata/updater';
php.mkdir(`/yard/${cases}`);
for (const file of ['templates/updater.php', `${cases}/run.php`, `${cases}/cases.php`, `${cases}/wordpress.php`]) {
	php.writeFile(`/yard/${file}`, readFileSync(file));
}
const answer = await php.run({ scriptPath: `/yard/${cases}/run.php` });
process.stdout.write(answer.text);
process.stderr.write(answer.errors);
process.exit(answer.exitCode);
