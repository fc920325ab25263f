# Finds a LibTorch for the CPU part and gives the target LibTorch::LibTorch.
#
#   LIBTORCH_DIR (cache or -D), else the environment variable LIBTORCH
#
# names a folder with include/ and lib/: an unpacked LibTorch archive, the copy that scripts/fetch-libtorch makes, or the
# `torch` folder of a Python installation. Only torch_cpu and c10 are linked: libtorch.so would pull in all of CUDA, and
# LibTorch's own package file asks for a CUDA toolkit.
#
# Sets LibTorch_FOUND, LibTorch_VERSION, LIBTORCH_INCLUDE_DIR, LIBTORCH_LIBRARY_DIR.

set(LIBTORCH_DIR "" CACHE PATH "Folder of LibTorch, with include/ and lib/ (default: environment variable LIBTORCH)")
set(_libtorch_roots)
if(LIBTORCH_DIR)
  list(APPEND _libtorch_roots "${LIBTORCH_DIR}")
elseif(DEFINED ENV{LIBTORCH} AND NOT "$ENV{LIBTORCH}" STREQUAL "")
  list(APPEND _libtorch_roots "$ENV{LIBTORCH}")
elseif(LIBTORCH_LAST_ROOT)
  # A build folder goes on with what it was configured with where neither is set any more.
  list(APPEND _libtorch_roots "${LIBTORCH_LAST_ROOT}")
endif()
# A site-packages folder, or the unpacked archive's parent, is near enough to look one step down.
foreach(_root IN LISTS _libtorch_roots)
  list(APPEND _libtorch_candidates "${_root}" "${_root}/torch" "${_root}/libtorch")
endforeach()

# Looked up anew each time, so that another LIBTORCH takes effect in a build folder that exists.
unset(LIBTORCH_INCLUDE_DIR)
unset(LIBTORCH_LIBRARY_DIR)
foreach(_candidate IN LISTS _libtorch_candidates)
  if(EXISTS "${_candidate}/include/ATen/core/ivalue.h" AND EXISTS "${_candidate}/lib/libtorch_cpu.so"
     AND EXISTS "${_candidate}/lib/libc10.so")
    get_filename_component(LIBTORCH_INCLUDE_DIR "${_candidate}/include" ABSOLUTE)
    get_filename_component(LIBTORCH_LIBRARY_DIR "${_candidate}/lib" ABSOLUTE)
    break()
  endif()
endforeach()

if(LIBTORCH_INCLUDE_DIR)
  foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(EXISTS "${LIBTORCH_INCLUDE_DIR}/${_header}" AND NOT LibTorch_VERSION)
      file(STRINGS "${LIBTORCH_INCLUDE_DIR}/${_header}" _version_lines
           REGEX "^#define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
      set(_parts)
      foreach(_line IN LISTS _version_lines)
        string(REGEX REPLACE "^.* ([0-9]+).*$" "\\1" _part "${_line}")
        list(APPEND _parts "${_part}")
      endforeach()
      list(JOIN _parts "." LibTorch_VERSION)
    endif()
  endforeach()
endif()

if(_libtorch_roots)
  set(_libtorch_reason "No LibTorch with headers and libraries in \"${_libtorch_roots}\".")
else()
  set(_libtorch_reason "Neither LIBTORCH_DIR nor the environment variable LIBTORCH is set.")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  LibTorch
  REQUIRED_VARS LIBTORCH_LIBRARY_DIR LIBTORCH_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE
    "${_libtorch_reason} Run scripts/fetch-libtorch, or give the folder of a LibTorch with include/ and lib/.")

if(LibTorch_FOUND)
  set(LIBTORCH_LAST_ROOT "${_libtorch_roots}" CACHE INTERNAL "")
endif()

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  foreach(_name c10 torch_cpu)
    add_library(LibTorch::${_name} SHARED IMPORTED)
    set_target_properties(
      LibTorch::${_name} PROPERTIES IMPORTED_LOCATION "${LIBTORCH_LIBRARY_DIR}/lib${_name}.so"
                                    IMPORTED_NO_SONAME FALSE)
  endforeach()
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  set_target_properties(
    LibTorch::LibTorch
    PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
               "${LIBTORCH_INCLUDE_DIR};${LIBTORCH_INCLUDE_DIR}/torch/csrc/api/include"
               INTERFACE_SYSTEM_INCLUDE_DIRECTORIES
               "${LIBTORCH_INCLUDE_DIR};${LIBTORCH_INCLUDE_DIR}/torch/csrc/api/include"
               INTERFACE_LINK_LIBRARIES "LibTorch::torch_cpu;LibTorch::c10")
endif()
