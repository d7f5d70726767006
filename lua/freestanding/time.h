/* SPDX-License-Identifier: GPL-2.0-or-later
 * Lua's files include it for seeds, which lua/overlay/ takes from elsewhere.
 */
