/* SPDX-License-Identifier: GPL-2.0-or-later
 * Lua's files include it for the decimal point, which lua/freestanding/configuration.hpp names.
 */
