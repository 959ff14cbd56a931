using GrainSensors.Core.Sensors;

namespace GrainSensors.Core.Tests.Sensors;

public sealed class SensorTagsTests
{
    [Fact]
    public void Tags_are_sorted_trimmed_and_equal_in_any_order()
    {
        var tags = SensorTags.Of([SensorTags.ParseTag("room= kitchen "), SensorTags.ParseTag("floor=2=b")]);
        Assert.Equal("floor=2=b, room=kitchen", $"{tags}");
        Assert.Equal(tags, SensorTags.Of([new("room", "kitchen"), new("floor", "2=b")]));
        Assert.NotEqual(tags, SensorTags.Of([new("room", "kitchen")]));
        Assert.True(tags.Include(SensorTags.Of([new("room", "kitchen")])));
        Assert.False(tags.Include(SensorTags.Of([new("room", "bath")])));
        Assert.True(tags.Include(SensorTags.None));
        Assert.Equal(SensorTags.Of([new("r\u00e9gion", "caf\u00e9")]), SensorTags.Of([new("re\u0301gion", "cafe\u0301")]));
    }

    [Theory]
    [InlineData("", "v", "\"=v\" must have a key of letters")]
    [InlineData("a b", "v", "\"a b=v\" must have a key of letters")]
    [InlineData("a\"", "v", "must have a key of letters")]
    [InlineData("room", " ", "\"room=\" must have a key of 1 to 64 and a value of 1 to 256 characters")]
    [InlineData("room", "a\nb", "\"room=a\\nb\" must have no control or format characters")]
    [InlineData("room", "a\u202eb", "\"room=a\\u202eb\" must have no control or format characters")]
    public void An_invalid_tag_is_named(string key, string value, string part)
    {
        var e = Assert.Throws<FormatException>(() => SensorTags.Of([new(key, value)]));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
    }

    /// <summary>The normal form of such a text takes minutes.</summary>
    [Fact]
    public async Task A_text_that_is_far_too_long_is_refused_before_it_is_normalized()
    {
        var marks = string.Concat(Enumerable.Repeat("\u0301\u0323", 50_000));
        foreach (var (key, value) in new[] { ("k", $"v{marks}"), ($"k{marks}", "v") })
        {
            var refused = Task.Run(
                () => Assert.Throws<FormatException>(() => SensorTags.Of([new(key, value)])), TestContext.Current.CancellationToken);
            var e = await refused.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            Assert.Contains("must have a key of 1 to 64 and a value of 1 to 256 characters", e.Message, StringComparison.Ordinal);
        }

        var decomposed = string.Concat(Enumerable.Repeat("a\u0302\u0301", 256));
        Assert.Equal(256, SensorTags.Of([new("k", decomposed)])["k"].Length);
    }

    [Fact]
    public void Sizes_are_limited()
    {
        KeyValuePair<string, string>[] most = [.. Enumerable.Range(0, 32).Select(i => KeyValuePair.Create($"k{i}", new string('v', 256)))];
        Assert.Equal(32, SensorTags.Of(most).Count);
        Assert.Contains("at most 32 tags; got 33", Refusal([.. most, new("z", "v")]), StringComparison.Ordinal);
        Assert.Contains("key of 1 to 64", Refusal(new KeyValuePair<string, string>(new('k', 65), "v")), StringComparison.Ordinal);
        Assert.Contains("value of 1 to 256", Refusal(new KeyValuePair<string, string>("k", new('v', 257))), StringComparison.Ordinal);
        Assert.Contains("\"k\" is given twice", Refusal(new("k", "1"), new("k", "2")), StringComparison.Ordinal);
        Assert.Contains("KEY=VALUE", Assert.Throws<FormatException>(() => SensorTags.ParseTag("room")).Message, StringComparison.Ordinal);

        static string Refusal(params KeyValuePair<string, string>[] tags) =>
            Assert.Throws<FormatException>(() => SensorTags.Of(tags)).Message;
    }
}
