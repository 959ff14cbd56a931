using GrainSensors.Hosting.Configuration;

namespace GrainSensors.Hosting.Tests.Configuration;

/// <summary>The prefix of a reverse proxy: which values are accepted.</summary>
public sealed class PathBaseTests
{
    [Theory]
    [InlineData("")]
    [InlineData("/grainsensors")]
    [InlineData("/plant-1/grain_sensors~2.0")]
    [InlineData("/sensorship")]
    public void A_path_without_a_slash_at_its_end_is_accepted(string prefix) =>
        Assert.True(new HttpOptionsValidator().Validate(null, new() { PathBase = prefix }).Succeeded);

    [Theory]
    [InlineData("/")]
    [InlineData("/grainsensors/")]
    [InlineData("grainsensors")]
    [InlineData("//grainsensors")]
    [InlineData("/plant/../grainsensors")]
    [InlineData("/a b")]
    [InlineData("/a;Secure")]
    [InlineData("/a%2fb")]
    public void Another_text_is_refused(string prefix)
    {
        var failure = Assert.Single(new HttpOptionsValidator().Validate(null, new() { PathBase = prefix }).Failures!);

        Assert.Equal(
            $"GrainSensors:Http:PathBase must be a path such as /grainsensors without a slash at its end; got \"{prefix}\".", failure);
    }

    [Theory]
    [InlineData("/sensors", "/sensors")]
    [InlineData("/API/v1", "/api")]
    public void A_path_of_the_silo_is_refused(string prefix, string path)
    {
        var failure = Assert.Single(new HttpOptionsValidator().Validate(null, new() { PathBase = prefix }).Failures!);

        Assert.StartsWith($"GrainSensors:Http:PathBase must not begin with {path},", failure, StringComparison.Ordinal);
    }
}
