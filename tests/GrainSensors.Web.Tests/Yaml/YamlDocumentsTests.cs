using System.Text.Json;
using CsCheck;
using GrainSensors.Web.Yaml;

namespace GrainSensors.Web.Tests.Yaml;

public sealed class YamlDocumentsTests
{
    private static readonly string[] Ambiguous =
        ["true", "null", "~", "1", "1e3", "0x1f", "no", "2026-01-01", "<<", "---", "...", " a", "a ", "a: b", "😀", ""];

    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: 30.10", """{"a":30.10}""")]
    [InlineData("a: 16777217.25", """{"a":16777217.25}""")]
    [InlineData("a: +007", """{"a":7}""")]
    [InlineData("a: 0x1F", """{"a":31}""")]
    [InlineData("a: 0o17", """{"a":15}""")]
    [InlineData("a: .5", """{"a":0.5}""")]
    [InlineData("a: .inf", """{"a":".inf"}""")]
    [InlineData("a: 1e999", """{"a":1e999}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: True", """{"a":true}""")]
    [InlineData("a: yes", """{"a":"yes"}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: !!str 1", """{"a":"1"}""")]
    [InlineData("a: 5m", """{"a":"5m"}""")]
    [InlineData("{\"a\": [1, \"x\", {\"b\": false}]}", """{"a":[1,"x",{"b":false}]}""")]
    [InlineData("a: &x {b: 1}\nc: *x", """{"a":{"b":1},"c":{"b":1}}""")]
    public void Values_have_the_types_of_the_core_schema(string yaml, string json) =>
        Assert.Equal(json, Assert.Single(Read(yaml)).Json.GetRawText());

    [Theory]
    [InlineData("a: [1", 2)]
    [InlineData("a: 1\nb: 2\na: 3", 3)]
    [InlineData("a: 1\n? [b]\n: 2", 2)]
    [InlineData("a: 1\nb: *x", 2)]
    [InlineData("a: &x\n  b: *x", 2)]
    [InlineData("a: 1\nb: !!binary aGk=", 2)]
    [InlineData("a: 1\nb: \"\\ud800\"", 2)]
    [InlineData("a: 1\nb: \"\\UFFFFFFFF\"", 2)]
    [InlineData("a: 1\n\tb: 2", 1)]
    [InlineData("- a\nb: 1", 2)]
    [InlineData("a: 1\n%b", 2)]
    [InlineData("%YAML 3.0\n---\na: 1", 1)]
    [InlineData("a: |\n  x\n b", 3)]
    public void What_is_not_valid_is_a_sentence_with_the_line(string yaml, int line)
    {
        var refused = Assert.Throws<DocumentException>(() => Read(yaml));
        Assert.StartsWith($"line {line}: ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", refused.Message, StringComparison.Ordinal);
        Assert.StartsWith($"rules.yaml, line {line}: ", refused.In("rules.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_and_the_values_that_aliases_multiply_are_limited()
    {
        var deep = new string('[', 100_000);
        Assert.Contains("nested deeper", Assert.Throws<DocumentException>(() => Read(deep)).Message, StringComparison.Ordinal);
        var lines = Enumerable.Range(1, 12).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]");
        var laughs = Assert.Throws<DocumentException>(() => Read($"a0: &a0 ha\n{string.Join('\n', lines)}"));
        Assert.Contains("values, with those that aliases repeat", laughs.Message, StringComparison.Ordinal);
    }

    /// <summary>The parser throws exceptions of several types; each must become a sentence.</summary>
    [Fact]
    public void Any_text_is_read_or_refused_with_a_sentence() =>
        Gen.Char["ab:-?[]{}&*!|>'\"%@`#,\n\t \\uUx01~=<.\u0085\ufeff\ud83d"].Array[0, 40].Sample(
            chars =>
            {
                try
                {
                    Read(new(chars));
                }
                catch (DocumentException e)
                {
                    Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
                }
            },
            iter: 20_000);

    [Fact]
    public void A_text_with_secrets_is_not_quoted()
    {
        foreach (var yaml in new[] { "secrets: [topsecret", "topsecret: 1\ntopsecret: 2", "a: *topsecret", "a: \"topsecret" })
        {
            var refused = Assert.Throws<DocumentException>(
                () => YamlDocuments.Read(new StringReader(yaml), YamlScalars.Texts(), hidesTexts: true));
            Assert.DoesNotContain("topsecret", refused.Message, StringComparison.Ordinal);
            Assert.StartsWith("line ", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Written_JSON_is_read_back_as_it_was() =>
        Gen.OneOf(
            Gen.String[Gen.Char["ab1-:# '\"\\\n\t~.[]{}&*!|>%@`,?=<yn0é\u0085\u00a0\u2028\u0001"], 0, 12],
            Gen.Int[0, Ambiguous.Length - 1].Select(index => Ambiguous[index]))
            .Select(Gen.Double[-1e6, 1e6], Gen.Bool).Array[0, 6].Sample(values =>
        {
            var json = JsonSerializer.SerializeToElement(values.Select((value, index) => new Dictionary<string, object?>
            {
                [$"{value.Item1}{index}"] = value.Item1,
                ["number"] = value.Item2,
                ["flag"] = value.Item3,
                ["none"] = null,
                ["list"] = new object[] { value.Item1, Array.Empty<int>() },
            }));
            var yaml = YamlText.Of(json);
            var read = Assert.Single(YamlDocuments.Read(new StringReader(yaml), YamlScalars.Typed)).Json;
            Assert.True(JsonElement.DeepEquals(json, read), $"{json}\n{yaml}\n{read}");
        });

    [Fact]
    public void A_rule_is_edited_with_its_id_first_and_a_message_over_several_lines()
    {
        const string Stored =
            """{"kind":"threshold","selector":{"measurement":"temperature"},"above":30.5,"message":"a: {{ value }}\nb","id":"warm"}""";
        var yaml = RuleYaml.Of("warm", JsonSerializer.Deserialize<JsonElement>(Stored));
        Assert.StartsWith("id: warm\nkind: threshold\nselector:\n  measurement: temperature\nabove: 30.5\n", yaml,
            StringComparison.Ordinal);
        var (id, json) = Assert.Single(RuleYaml.Read(new StringReader(yaml)));
        Assert.Equal("warm", id);
        Assert.True(JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(Stored), json));
    }

    [Theory]
    [InlineData("", "the text has no rules.")]
    [InlineData("kind: threshold", "line 1: a rule must be an object with an id")]
    [InlineData("id: a\n---\nid: a", "the rule \"a\" is there twice")]
    [InlineData("id: a\n---\n- b", "document 2")]
    public void Rules_without_an_id_or_given_twice_are_refused(string yaml, string sentence) =>
        Assert.Contains(
            sentence, Assert.Throws<DocumentException>(() => RuleYaml.Read(new StringReader(yaml))).Message, StringComparison.Ordinal);

    private static IReadOnlyList<YamlDocument> Read(string yaml) => YamlDocuments.Read(new StringReader(yaml), YamlScalars.Typed);
}
