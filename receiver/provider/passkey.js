// Uses passkeys on the pages of sign-in and registration. The page has the argument
// of the browser's function in data-get or data-create of its form. The answer is
// sent as a field of this form.
'use strict';

const form = document.querySelector('form[data-get], form[data-create]');
const problem = document.getElementById('script-problem');

function bytesOf(text) {
	const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
	return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}

function textOf(buffer) {
	const binary = String.fromCharCode(...new Uint8Array(buffer));
	return btoa(binary).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

// decode replaces the texts of an argument that must be bytes.
function decode(options) {
	options.challenge = bytesOf(options.challenge);
	if (options.user) options.user.id = bytesOf(options.user.id);
	for (const list of [options.allowCredentials, options.excludeCredentials]) {
		for (const credential of list || []) credential.id = bytesOf(credential.id);
	}
	return options;
}

// encode returns an answer as a text.
function encode(credential) {
	const response = {};
	for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
		if (credential.response[name]) response[name] = textOf(credential.response[name]);
	}
	return JSON.stringify({ id: credential.id, rawId: textOf(credential.rawId), type: credential.type, response });
}

async function ask() {
	problem.hidden = true;
	try {
		const credential = form.dataset.get
			? await navigator.credentials.get({ publicKey: decode(JSON.parse(form.dataset.get)) })
			: await navigator.credentials.create({ publicKey: decode(JSON.parse(form.dataset.create)) });
		form.elements.passkey.value = encode(credential);
		form.submit();
	} catch (error) {
		problem.textContent = 'The browser used no passkey: ' + error.message;
		problem.hidden = false;
	}
}

if (form && window.PublicKeyCredential) {
	form.hidden = false;
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		ask();
	});
}

// The secret of a link is in the fragment, which is sent to no server by itself.
const link = document.getElementById('link');
if (link && location.hash.length > 1) {
	link.value = location.hash.slice(1);
	history.replaceState(null, '', location.pathname);
	link.form.submit();
}
