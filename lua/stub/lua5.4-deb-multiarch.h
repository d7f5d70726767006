/* SPDX-License-Identifier: GPL-2.0-or-later
 * Debian's luaconf.h asks for it, to find loadable modules; we load none. */
#define DEB_HOST_MULTIARCH ""
