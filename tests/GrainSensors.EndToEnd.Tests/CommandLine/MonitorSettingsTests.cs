namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>What is wrong with the section Monitor of appsettings.json is one sentence, which shows no secret.</summary>
[Trait("Category", "System")]
public sealed class MonitorSettingsTests
{
    [Theory]
    [InlineData("GrainSensors:Monitor:Timeout is 00:00:00; give a time above 0", """ "Timeout": "00:00:00" """)]
    [InlineData("GrainSensors:Monitor:CoolDown is -", """ "CoolDown": "-00:00:01" """)]
    [InlineData("GrainSensors:Monitor:Retention is 00:01:00; give at least an hour", """ "Retention": "00:01:00" """)]
    [InlineData("\"pressure\" is unknown; use timeout, coolDown or a measurement (temperature, humidity).", """ "Rules": { "pressure": { "High": 5 } } """)]
    [InlineData("\"MinDeviaton\" is not a part of a rule", """ "Rules": { "temperature": { "MinDeviaton": 5 } } """)]
    [InlineData("\"WarmUp\" must be a number of at least 1; got \"0\".", """ "Rules": { "temperature": { "WarmUp": 0 } } """)]
    [InlineData("must be below the high limit; got 40 and 30.", """ "Rules": { "temperature": { "Low": 40, "High": 30 } } """)]
    [InlineData("no alert would clear; got 40 and 41.5. Use a smaller limitHysteresis.", """ "Rules": { "temperature": { "Low": 40, "High": 41.5 } } """)]
    [InlineData("GrainSensors:Monitor:Webhook:Url is no address", """ "Webhook": { "Url": "topsecret@alertmanager" } """)]
    [InlineData("RepeatInterval", """ "Webhook": { "Url": "http://alertmanager/", "Authorization": "topsecret", "RepeatInterval": "00:00:00" } """)]
    public async Task It_says_what_to_change(string offender, string monitor)
    {
        using var directory = new TemporaryDirectory();
        var settings = $$"""{ "GrainSensors": { "Monitor": { {{monitor}} } } }""";
        await File.WriteAllTextAsync(directory.File("appsettings.json"), settings, TestContext.Current.CancellationToken);

        await using var executable = Executable.Start(directory.Path, "run");
        var result = await executable.ExitAsync();

        result.AssertCouldNotRun(offender);
        Assert.DoesNotContain("topsecret", result.Error, StringComparison.Ordinal);
    }
}
