# Programs, licence, and what `aethel` writes about itself: completions and the manual page.
include(GNUInstallDirs)
install(TARGETS aethel aetheld RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
# Where systemd looks, below /usr as below /usr/local; it finds the program itself in either.
install(FILES packaging/aetheld.service DESTINATION lib/systemd/system)
install(FILES packaging/aetheld-sysusers.conf DESTINATION lib/sysusers.d RENAME aetheld.conf)

# aethel_written_by_itself(FOLDER FILE ARGUMENTS...)
function(aethel_written_by_itself folder file)
  set(out ${PROJECT_BINARY_DIR}/written/${file})
  install(CODE "
    file(MAKE_DIRECTORY \"${PROJECT_BINARY_DIR}/written\")
    execute_process(COMMAND \"$<TARGET_FILE:aethel>\" ${ARGN} OUTPUT_FILE \"${out}\" COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${out} DESTINATION ${folder})
endfunction()
if(NOT CMAKE_CROSSCOMPILING)
  aethel_written_by_itself(${CMAKE_INSTALL_DATADIR}/bash-completion/completions aethel completion bash)
  aethel_written_by_itself(${CMAKE_INSTALL_DATADIR}/zsh/site-functions _aethel completion zsh)
  aethel_written_by_itself(${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d aethel.fish completion fish)
  aethel_written_by_itself(${CMAKE_INSTALL_MANDIR}/man1 aethel.1 man)
endif()
