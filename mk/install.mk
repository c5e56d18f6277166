# Installation, with GNU's names for the folders and DESTDIR.
#
#	make install prefix=/usr/local
#	make install DESTDIR=/tmp/image prefix=/usr
#	make uninstall			with the same words
#
# The programs lie in one folder of their own, libdir/mxdrill: mxdrill finds
# the others beside itself, and its data by the link "share" there.
prefix	?= /usr/local
exec_prefix ?= $(prefix)
bindir	?= $(exec_prefix)/bin
libdir	?= $(exec_prefix)/lib
datarootdir ?= $(prefix)/share
datadir	?= $(datarootdir)
mandir	?= $(datarootdir)/man
docdir	?= $(datarootdir)/doc/mxdrill
bashcompdir ?= $(datadir)/bash-completion/completions
zshcompdir ?= $(datadir)/zsh/site-functions

ownlib	:= $(DESTDIR)$(libdir)/mxdrill
owndata	:= $(DESTDIR)$(datadir)/mxdrill
MANPAGES := mxdrill.1 mxdrill-scenario.5 mxdrill-adapter.7
man_path = man$(subst .,,$(suffix $(1)))/$(1)
DOCS	:= README.md CONTRIBUTING.md $(wildcard docs/*.md)

.PHONY: man install uninstall deb
man: $(foreach p,$(MANPAGES),build/man/$(call man_path,$(p)))

build/man/%: $(B)/mxdrill
	@mkdir -p $(@D)
	$(B)/mxdrill help --man $(@F) > $@.new
	mv $@.new $@

install: all man
	install -d $(ownlib) $(owndata) $(DESTDIR)$(bindir) $(DESTDIR)$(docdir) \
	    $(DESTDIR)$(bashcompdir) $(DESTDIR)$(zshcompdir)
	install -m 755 $(B)/mxdrill $(B)/refmta $(ownlib)
	install -m 644 $(B)/libmxclock.so $(ownlib)
	ln -sf $(shell realpath -ms --relative-to=$(bindir) \
	    $(libdir)/mxdrill/mxdrill) $(DESTDIR)$(bindir)/mxdrill
	ln -sfn $(shell realpath -ms --relative-to=$(libdir)/mxdrill \
	    $(datadir)/mxdrill) $(ownlib)/share
	tools/copy-tree.sh scenarios $(owndata)/scenarios
	tools/copy-tree.sh harness/mta $(owndata)/mta
	$(foreach p,$(MANPAGES),install -D -m 644 \
	    build/man/$(call man_path,$(p)) \
	    $(DESTDIR)$(mandir)/$(call man_path,$(p)) &&) :
	install -m 644 $(DOCS) $(DESTDIR)$(docdir)
	$(B)/mxdrill completion bash > $(DESTDIR)$(bashcompdir)/mxdrill
	$(B)/mxdrill completion zsh > $(DESTDIR)$(zshcompdir)/_mxdrill
	chmod 644 $(DESTDIR)$(bashcompdir)/mxdrill $(DESTDIR)$(zshcompdir)/_mxdrill

uninstall:
	rm -rf $(ownlib) $(owndata) $(DESTDIR)$(docdir)
	rm -f $(DESTDIR)$(bindir)/mxdrill $(DESTDIR)$(bashcompdir)/mxdrill \
	    $(DESTDIR)$(zshcompdir)/_mxdrill \
	    $(foreach p,$(MANPAGES),$(DESTDIR)$(mandir)/$(call man_path,$(p)))

# A Debian package, in build/deb.  What is built already is not built again.
deb:
	@tools/install.sh build deb
	@$(SUBMAKE) all man
	@tools/make-deb.sh build/deb
