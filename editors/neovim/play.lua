-- Plays a session in a headless Neovim (0.7 and newer) and prints its transcript:
--
--   nvim --headless --clean -S editors/neovim/play.lua
--
-- The recipe of docs/editors.md starts the server, so `wslint` must be on the PATH. transcript.txt
-- is that of Debian 12; `python -m pytest -m neovim -n 0` compares.

local here = vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h')
local app = {
  'from starlette.applications import Starlette',
  'from starlette.testclient import TestClient',
  '',
  'app = Starlette()',
}
local test = {
  '',
  '',
  'def test_%s():',
  '    client = TestClient(app)',
  '    with client.websocket_connect("/%s") as socket:',
  '        client.post("/%s")',
  '        assert socket.receive_text() == "%s"',
}

local function say(...)
  io.stdout:write((string.format(...):gsub('%s+$', '')), '\n')
end

local function give_up(what)
  say('FAILED: %s', what)
  vim.cmd('cquit 1')
end

-- Wait until a function returns something; return that.
local function wait(what, found)
  local result
  if not vim.wait(20000, function()
    result = found()
    return result
  end, 20) then
    give_up(what)
  end
  return result
end

-- Return the lua block of the docs for this version, as users copy it.
local function recipe()
  local lines = vim.fn.readfile(here .. '/../../docs/editors.md')
  local text = table.concat(lines, '\n')
  local wanted = vim.lsp.config and 'vim%.lsp%.config' or 'vim%.lsp%.start_client'
  for block in text:gmatch('```lua\n(.-)```') do
    if block:find(wanted) then
      return block
    end
  end
  give_up('there is no recipe')
end

local function project()
  local folder = vim.fn.tempname()
  vim.fn.mkdir(folder, 'p')
  vim.fn.writefile({}, folder .. '/wslint.toml')
  local lines = vim.deepcopy(app)
  for _, name in ipairs({ 'one', 'two', 'three' }) do
    for _, line in ipairs(test) do
      table.insert(lines, (line:gsub('%%s', name)))
    end
  end
  vim.fn.writefile(lines, folder .. '/test_sockets.py')
  return folder
end

local function diagnostics(count)
  wait(count .. ' diagnostics', function()
    return #vim.diagnostic.get(0) == count
  end)
  for _, found in ipairs(vim.diagnostic.get(0)) do
    local code = found.code or found.user_data.lsp.code
    say('  %d:%d %s %s', found.lnum + 1, found.col + 1, code, found.message)
  end
  if count == 0 then
    say('  no diagnostics')
  end
end

local function show(first, last)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, first - 1, last, false)) do
    say('  %3d %s', first + number - 1, line)
  end
end

-- Choose the code action whose title contains a text.
local function choose(title, kind)
  vim.ui.select = function(items, options, chosen)
    for _, item in ipairs(items) do
      if options.format_item(item):find(title, 1, true) then
        say('  chosen: %s', options.format_item(item))
        return chosen(item)
      end
    end
    give_up(title)
  end
  local before = vim.api.nvim_buf_get_changedtick(0)
  local context = { only = { kind } }
  if vim.fn.has('nvim-0.8') == 1 then
    vim.lsp.buf.code_action({ context = context })
  else
    vim.lsp.buf.code_action(context)
  end
  wait(title, function()
    return vim.api.nvim_buf_get_changedtick(0) ~= before
  end)
end

-- Return the lines of the floating window.
local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false)
    end
  end
end

local function play()
  vim.cmd('filetype on')
  vim.cmd('cd ' .. project())
  assert(loadstring(recipe()))()

  say('open test_sockets.py')
  vim.cmd('edit test_sockets.py')
  diagnostics(3)

  say('quick fix on line 10')
  vim.api.nvim_win_set_cursor(0, { 10, 8 })
  choose('enter the client', 'quickfix')
  show(7, 10)
  diagnostics(2)

  say('undo')
  vim.cmd('undo')
  diagnostics(3)

  say('fix all')
  choose('apply all safe fixes', 'source.fixAll.wslint')
  diagnostics(0)

  say('undo')
  vim.cmd('undo')
  diagnostics(3)

  say('ignore on line 17')
  vim.api.nvim_win_set_cursor(0, { 17, 8 })
  choose('ignore on this line', 'quickfix')
  show(17, 17)
  diagnostics(2)

  say('type in line 24')
  vim.api.nvim_buf_set_text(0, 23, 8, 23, 19, { 'socket.send_text' })
  show(24, 24)
  diagnostics(1)

  say('hover on line 10')
  vim.api.nvim_win_set_cursor(0, { 10, 8 })
  vim.lsp.buf.hover()
  for _, line in ipairs(wait('a hover', floating)) do
    if not line:find('```', 1, true) then -- only older versions hide these
      say('  %s', (line:gsub('%(file:[^)]*%)', '(…)')))
    end
  end

  say('trace')
  local shown = false
  vim.lsp.handlers['window/showMessage'] = function(_, result)
    for line in result.message:gmatch('[^\n]+') do
      say('  %s', line)
    end
    shown = true
    return result
  end
  vim.ui.open = function(uri)
    say('  opened in the browser: %s', vim.fn.fnamemodify(uri, ':t'))
    shown = true
    return { wait = function() return { code = 0 } end }
  end
  vim.lsp.codelens.refresh()
  wait('a lens', function()
    return #vim.lsp.codelens.get(0) == 3
  end)
  vim.api.nvim_win_set_cursor(0, { 7, 0 })
  vim.lsp.codelens.run()
  wait('the timeline', function()
    return shown
  end)
  vim.cmd('qall!')
end

vim.schedule(function()
  local ok, problem = pcall(play)
  if not ok then
    give_up(problem)
  end
end)
