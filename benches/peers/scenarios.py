"""What the sessions of the world do: each scenario is an instant of the recorded corpus.

The truth is what a person saw on the screen of a real Claude Code at that instant; it stands in the
corpus as `want`.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Scenario:
    title: str
    # Folder, instant and name of the session in testdata/claude/corpus/2.1.329.
    folder: str
    instant: str
    name: str
    # Sessions of one round with the same group share a directory.
    group: str = ""
    # Hosted by an SDK: such sessions write no `status`.
    sdk: bool = False
    # States that count as right beside the recorded one, where opinions differ with reason.
    also: tuple = ()


SCENARIOS = [
    Scenario("idle", "s02_text", "t2_idle", "A"),
    Scenario("working: text", "s03_slow_stream", "t2_streaming_text", "A"),
    Scenario("permission prompt", "s05_perm_approve", "t1_permission_fresh", "A"),
    Scenario("question", "s06_question", "t1_question", "A"),
    Scenario("working: tool in flight", "s04_bash_allowed", "t1_tool_running", "A"),
    Scenario("plan to approve", "s07_plan", "t1_plan", "A"),
    Scenario("idle, after /clear", "s13_clear", "t2_after_clear", "A"),
    # The prompt is free, and a command of the session still runs: some call that busy.
    Scenario("idle, a background shell runs", "s12_bg_bash", "t1_idle_bg_running", "A", also=("working",)),
    Scenario("working: subagent, after the turn", "s11_subagent_bg", "t2_turn_over_agent_runs", "A"),
    Scenario("permission prompt of a subagent", "s11_subagent_perm", "t1_sub_permission", "A"),
    Scenario("idle, after Esc", "s09_esc_streaming", "t2_interrupted", "A"),
    Scenario("idle, no prompt yet", "s01_start_idle", "t1_empty_prompt", "A"),
    Scenario("idle, resumed", "s14_resume", "t2_resumed_idle", "A"),
    Scenario("idle, in a worktree", "s22_worktree", "t2_worktree_flag", "B"),
    Scenario("two in one directory: working", "s16_multi", "t2_work_ask_idle", "A", group="pair"),
    Scenario("two in one directory: permission", "s16_multi", "t2_work_ask_idle", "B", group="pair"),
    Scenario("claude -p, working", "s17_headless", "t1_headless_tool", "A"),
    Scenario("SDK, working", "s17_headless", "t6_stream_input_working", "C", sdk=True),
    Scenario("SDK, idle", "s17_headless", "t7_stream_input_idle_again", "C", sdk=True),
    Scenario("claude --bg, working", "s30_background", "t1_bg_working_and_asking", "p60"),
    Scenario("claude --bg, permission prompt", "s30_background", "t1_bg_working_and_asking", "p63"),
]

# What runs or lies about beside the sessions and is none; each once in every world.
NOT_SESSIONS = [
    ("claude mcp serve", "s26_not_sessions", "t1_mcp_serve", "A"),
    ("claude agents", "s26_not_sessions", "t_claude_agents", "B"),
    ("claude --chrome-native-host", "s26_not_sessions", "t_claude_chrome_native_host", "E"),
    ("claude daemon run", "s30_background", "t3_agents_view", "p35"),
    ("claude bg-pty-host", "s30_background", "t3_agents_view", "p42"),
    ("claude bg-spare, unclaimed", "s30_background", "t3_agents_view", "p78"),
]


def chosen(number):
    """`number` sessions: (round, scenario), every scenario in turn."""
    return [(index // len(SCENARIOS), SCENARIOS[index % len(SCENARIOS)]) for index in range(number)]
