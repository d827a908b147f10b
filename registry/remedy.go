package registry

import "errors"

// remedies says what the operator can do about a failure, by what is in its
// chain. The first that is found counts: the more telling ones stand first.
func remedies() []struct {
	kind   error
	remedy string
} {
	return []struct {
		kind   error
		remedy string
	}{
		{ErrPanic, "take the plugin out of the configuration if it disturbs others, and report the stack in the log as a fault of Pluginyard"},
		{errWaiting, "run \"pluginyard sign\" where the key is; the package is served within a minute after that"},
		{ErrCredentials, "mend the token or the App: renew it, and grant it to read contents and metadata of this repository"},
		{ErrTooOften, "nothing: one client asks too often; see limits.rate if it is one that may"},
		{ErrReserve, "nothing: it goes on when the allowance is renewed, and what sites ask for is still built and served; if it happens again, see github.reserve, give owners credentials of their own, or raise refresh.every"},
		{ErrLimited, "wait until the allowance is renewed; if it happens again, configure a token or an App, or one for each owner, or a longer refresh.every"},
		{ErrStorage, "look at the disk: whether it is full, read-only or broken; what is new is served from memory and written down as soon as that can be"},
		{ErrCorrupt, "nothing at first: it is built again; look at the disk, and run \"pluginyard store verify\", if there are more"},
		{ErrTooLarge, "tell the plugin's author: what exceeds its bound has to become smaller, or has to be left out by .distignore"},
		{ErrForbidden, "write access: public at this plugin if everybody may have it, or take it out of the configuration"},
		{ErrHeld, "find out who changed it and why, with the plugin's author, before anything else; \"pluginyard approve\" agrees to it"},
		{ErrGone, "see under owners: whether it should be followed; it comes back by itself when the repository does"},
		{ErrConflict, "give one of the two another slug, or another name"},
		{ErrInvalid, "tell the plugin's author, who has to correct the repository and release again; the plugin's page has the details"},
		{ErrNotFound, "see whether repository, release or branch was renamed, deleted or made private; correct the configuration, or let the token see it"},
		{ErrUnavailable, "nothing if it passes: it is tried again by itself; else see whether GitHub, the network to it, or the store is down"},
	}
}

// remedy is what the operator can do about a failure. A hold says it itself.
func remedy(err error) string {
	if known := (*Error)(nil); errors.As(err, &known) && known.Kind == ErrHeld && known.Err != nil {
		return known.Err.Error()
	}
	for _, r := range remedies() {
		if errors.Is(err, r.kind) {
			return r.remedy
		}
	}
	return "look into the log, and report it as a fault of Pluginyard"
}
