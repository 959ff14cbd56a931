using System.Text.RegularExpressions;
using GrainSensors.Storage.Labels;

namespace GrainSensors.Storage.Tests.Labels;

/// <summary>The conditions of silences.</summary>
public sealed class SilenceConditionsTests
{
    private static readonly string[] Labels = ["city", "room", "kind"];
    private static readonly string[] Values = ["", "a", "ab", "b", "a\"b", " a ", "=", "ä😀"];
    private static readonly string[] Patterns = ["a", "a.*", ".*b", "a|b", "[ab]+", ".+", ".*", "", "(a|b)?", "😀|ä.*"];

    /// <summary>10,000 random sets of conditions and labels against a search that is written another way.</summary>
    [Fact]
    public void Conditions_match_as_the_sum_of_their_parts_and_their_canonical_texts_mean_the_same()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (matches, refused) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var labels = Labels.Where(_ => random.Next(3) > 0).ToDictionary(label => label, _ => Pick(random, Values[1..]));
            var parts = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Part.Of(random)).ToList();
            List<string> texts = [.. parts.Select(part => part.Text)];
            var where = $"seed {seed}, {string.Join(", ", texts)} of {string.Join(", ", labels)}";
            if (parts.TrueForAll(part => part.Holds("")))
            {
                refused++;
                Assert.Throws<FormatException>(() => SilenceConditions.Parse(texts, "matchers"));
                continue;
            }

            var expected = parts.TrueForAll(part => part.Holds(labels.GetValueOrDefault(part.Label, "")));
            var conditions = SilenceConditions.Parse(texts, "matchers");
            Assert.True(expected == conditions.Match(labels), where);
            Assert.True(expected == SilenceConditions.Parse(conditions.Texts, "matchers").Match(labels), where);
            Assert.Equal(conditions.Texts, SilenceConditions.Parse(conditions.Texts, "matchers").Texts);
            matches += expected ? 1 : 0;
        }

        Assert.True(matches > 100 && refused > 100, $"{matches} matches, {refused} refused");
    }

    [Theory]
    [InlineData("1 to 32 conditions such as city=Valencia; got 0")]
    [InlineData("matchers[0] must be LABEL=VALUE", "")]
    [InlineData("matchers[1] must be LABEL=VALUE", "city=Vigo", null)]
    [InlineData("matchers[1] must be LABEL=VALUE", "city=Vigo", "=x")]
    [InlineData("matchers[0] has an invalid regular expression", "city=~(")]
    [InlineData("matchers[0] must not contain control characters", "city=a\u0000")]
    [InlineData("a condition that an absent label does not fulfil", "city=~.*")]
    [InlineData("a condition that an absent label does not fulfil", "city!=Vigo", "room=")]
    public void What_is_no_condition_or_silences_all_is_refused(string message, params string?[] texts) =>
        Assert.Contains(
            message, Assert.Throws<FormatException>(() => SilenceConditions.Parse(texts, "matchers")).Message, StringComparison.Ordinal);

    [Fact]
    public void Conditions_are_limited_in_number_and_length()
    {
        Assert.Contains("got 33", Refusal([.. Enumerable.Repeat("a=b", 33)]), StringComparison.Ordinal);
        Assert.Contains("matchers[0] must have at most 512", Refusal(["a=" + new string('b', 600)]), StringComparison.Ordinal);

        string Refusal(string[] texts) => Assert.Throws<FormatException>(() => SilenceConditions.Parse(texts, "matchers")).Message;
    }

    private static string Pick(Random random, string[] of) => of[random.Next(of.Length)];

    private sealed record Part(string Label, string Operator, string Operand)
    {
        public string Text => $"{Label}{Operator}\"{Operand.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

        public static Part Of(Random random) => Pick(random, ["=", "!=", "=~", "!~"]) is var word && word.EndsWith('~')
            ? new(Pick(random, Labels), word, Pick(random, Patterns))
            : new(Pick(random, Labels), word, Pick(random, Values));

        public bool Holds(string value) => Operator switch
        {
            "=" => value == Operand,
            "!=" => value != Operand,
            "=~" => Regex.IsMatch(value, $@"\A(?:{Operand})\z"),
            _ => !Regex.IsMatch(value, $@"\A(?:{Operand})\z"),
        };
    }
}
