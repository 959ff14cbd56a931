namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>An error in the section Monitor of appsettings.json is one line without secrets.</summary>
[Trait("Category", "System")]
public sealed class MonitorSettingsTests
{
    [Theory]
    [InlineData(
        "GrainSensors:Monitor:Timeout must be a duration above 0 such as 10s or PT10S; got \"00:00:00\".",
        """ "Timeout": "00:00:00" """)]
    [InlineData("GrainSensors:Monitor:CoolDown must be a duration of at least 0 such as", """ "CoolDown": "-00:00:01" """)]
    [InlineData(
        "GrainSensors:Monitor:Retention must be a duration of at least 1h such as 10s or PT10S, or never; got \"00:01:00\".",
        """ "Retention": "00:01:00" """)]
    [InlineData(
        "\"pressure\" is unknown; use timeout, coolDown, disconnected or a measurement (temperature, humidity).",
        """ "Rules": { "pressure": { "High": 5 } } """)]
    [InlineData("\"MinDeviaton\" is not a part of a rule", """ "Rules": { "temperature": { "MinDeviaton": 5 } } """)]
    [InlineData("\"WarmUp\" must be a number of at least 1; got \"0\".", """ "Rules": { "temperature": { "WarmUp": 0 } } """)]
    [InlineData("must be below the high limit; got 40 and 30.", """ "Rules": { "temperature": { "Low": 40, "High": 30 } } """)]
    [InlineData(
        "no alert would clear; got 40 and 41.5. Use a smaller limitHysteresis.",
        """ "Rules": { "temperature": { "Low": 40, "High": 41.5 } } """)]
    [InlineData("GrainSensors:Monitor:Webhook:Url must be an address such as", """ "Webhook": { "Url": "topsecret@alertmanager" } """)]
    [InlineData(
        "GrainSensors:Monitor:Webhook:RepeatInterval must be a duration of at least 1s",
        """ "Webhook": { "Url": "http://alertmanager/", "Authorization": "topsecret", "RepeatInterval": "00:00:00" } """)]
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
