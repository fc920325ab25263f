# tripoint_warnings(TARGET): the warnings that every target of the project is built with, as errors.
option(TRIPOINT_WERROR "Treat the project's own warnings as errors" ON)

function(tripoint_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic)
  if(TRIPOINT_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
