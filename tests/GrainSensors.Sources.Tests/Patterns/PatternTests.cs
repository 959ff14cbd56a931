using System.Text;
using GrainSensors.Sources.Patterns;

namespace GrainSensors.Sources.Tests.Patterns;

/// <summary>Patterns of topics and names, and JSON pointers.</summary>
public sealed class PatternTests
{
    [Theory]
    [InlineData("sensors/{sensor}/telemetry", "sensors/kitchen/telemetry", "kitchen")]
    [InlineData("sensors/{sensor}/telemetry", "sensors/a/b/telemetry", null)]
    [InlineData("sensors/{sensor}/telemetry", "sensors//telemetry", null)]
    [InlineData("sensors/{sensor}/telemetry", "sensors/kitchen/telemetry/x", null)]
    [InlineData("sensors.{sensor}.up", "sensors.kitchen.up", "kitchen")]
    [InlineData("tele/{sensor*}/SENSOR", "tele/a/b/SENSOR", "a/b")]
    [InlineData("tele/{sensor*}/SENSOR", "tele/SENSOR", null)]
    [InlineData("{base*}/{domain}/{entity}/state", "home/assistant/sensor/outdoor/state", "home/assistant|sensor|outdoor")]
    [InlineData("{base*}/{domain}/{entity}/state", "sensor/outdoor/state", null)]
    [InlineData("{a}-{b*}", "x-y/z-1", "x|y/z-1")]
    [InlineData("{sensor}-t", "a-top-t", "a-top")]
    [InlineData("{sensor}-t", "-t-t", "-t")]
    [InlineData("{sensor}-t", "-t", null)]
    [InlineData("{sensor}-t", "a-t/b-t", null)]
    [InlineData("{a}-{b}/x", "--b/x", "-|b")]
    [InlineData("{d*}-{b}", "x/a-b-", "x/a|b-")]
    [InlineData("{d*}-{b}", "x/-", null)]
    [InlineData("fixed", "fixed", "")]
    [InlineData("fixed", "fixed1", null)]
    public void Topics_are_matched_by_their_levels(string text, string topic, string? captures)
    {
        var pattern = TopicPattern.Parse(text, out var error)!;
        var utf8 = Encoding.UTF8.GetBytes(topic);
        var ranges = new Range[pattern.Names.Count];

        var isMatch = pattern.TryMatch(utf8, ranges);

        Assert.Null(error);
        Assert.Equal(captures, isMatch ? string.Join('|', ranges.Select(range => Encoding.UTF8.GetString(utf8[range]))) : null);
    }

    [Theory]
    [InlineData("{a}{b}", "must have a text between two names in braces")]
    [InlineData("{a}/{a}", "must not name {a} twice")]
    [InlineData("{a*}/{b*}", "must have one part such as {sensor*} at most")]
    [InlineData("{}", "must have names such as {sensor} in braces")]
    [InlineData("{a", "must have names such as {sensor} in braces")]
    public void Wrong_patterns_of_topics_are_refused(string text, string expected)
    {
        Assert.Null(TopicPattern.Parse(text, out var error));
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("temp*", "temperature", true)]
    [InlineData("*_x_*", "a_x_", true)]
    [InlineData("*a*b", "xaybab", true)]
    [InlineData("*a*b", "xaybax", false)]
    [InlineData("a", "ab", false)]
    [InlineData("t?mp*", "temp", true)]
    [InlineData("t?mp", "tmp", false)]
    [InlineData("???", "añb", true)]
    public void An_asterisk_stands_for_any_characters_and_a_question_mark_for_one(string pattern, string text, bool matches)
    {
        Assert.Equal(matches, Glob.Find([new(pattern)], Encoding.UTF8.GetBytes(text)) is not null);
        Assert.Equal(matches, Glob.Overlap(pattern, text));
    }

    [Theory]
    [InlineData("a*", "*b", true)]
    [InlineData("a*", "b*", false)]
    [InlineData("a*c", "ab*", true)]
    [InlineData("a*c", "ab", false)]
    [InlineData("ab", "ab", true)]
    [InlineData("a?", "?b", true)]
    [InlineData("a?", "b*", false)]
    [InlineData("a?", "a", false)]
    public void Patterns_overlap_where_a_text_matches_both(string a, string b, bool overlap)
    {
        Assert.Equal(overlap, Glob.Overlap(a, b));
        Assert.Equal(overlap, Glob.Overlap(b, a));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("/a/b", "a|b")]
    [InlineData("/", "")]
    [InlineData("/a~1b/m~0n/~01", "a/b|m~n|~1")]
    [InlineData("a", null)]
    [InlineData("/a~", null)]
    [InlineData("/a~2", null)]
    public void Pointers_are_those_of_RFC_6901(string text, string? tokens) =>
        Assert.Equal(tokens, JsonPointer.Parse(text) is { } pointer ? string.Join('|', pointer.Tokens) : null);
}
