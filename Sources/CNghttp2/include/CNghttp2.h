// nghttp2 1.52 as Debian 12 ships it, with its fixes for rapid reset and CONTINUATION floods.
#ifndef WEIR_CNGHTTP2_H
#define WEIR_CNGHTTP2_H

#include <nghttp2/nghttp2.h>

#endif
