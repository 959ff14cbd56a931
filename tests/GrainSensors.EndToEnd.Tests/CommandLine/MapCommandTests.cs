namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>The output of <c>map</c>, and its exit codes.</summary>
[Trait("Category", "System")]
public sealed class MapCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public async Task A_payload_becomes_a_table_of_values()
    {
        var file = Write("""{"Time":"2026-11-24T11:15:00+01:00","AM2301":{"Temperature":24.6,"Humidity":58}}""");

        var result = await Command.RunAsync("map", "--preset", "tasmota", "--topic", "tele/cellar/SENSOR", file);

        Assert.Equal(
            """
            SENSOR  TIME                  MEASUREMENT         VALUE
            cellar  2026-11-24T10:15:00Z  AM2301_Temperature  24.6
            cellar  2026-11-24T10:15:00Z  AM2301_Humidity     58
            """,
            result.Output.TrimEnd());
        Assert.Equal((0, "1 reading"), (result.ExitCode, result.Error.TrimEnd()));
    }

    [Fact]
    public async Task Rejected_readings_are_named_and_the_exit_code_is_3()
    {
        var file = Write("""{"A":[{"ts":1795515300000,"values":{"t":1,"u":null}},{"ts":0}]}""");

        var result = await Command.RunAsync("map", "--preset", "thingsboard-gateway", "--json", file);

        Assert.Equal(3, result.ExitCode);
        Assert.Equal(
            """{"readings":[{"index":0,"sensor":"A","timestamp":"2026-11-24T10:15:00Z","values":{"t":1,"u":null}}]"""
            + ""","rejected":[{"index":1,"reason":"no-measurement","detail":"the reading has no number below /{device}/*/values"}]}""",
            result.Output.TrimEnd());
    }

    [Theory]
    [InlineData("Give either --source or --preset.", "map", "x.json")]
    [InlineData(
        "--source must be the name of a source of the configuration; got \"x\". GrainSensors:Sources is empty.",
        "map", "--source", "x", "x.json")]
    [InlineData("FILE cannot be read", "map", "--preset", "senml", "missing.json")]
    [InlineData("--header must be NAME=VALUE; got \"x\".", "map", "--preset", "senml", "--header", "x", "x.json")]
    [InlineData("--preset must be chirpstack, things-stack", "map", "--preset", "chirp", "x.json")]
    public async Task What_cannot_run_is_one_sentence(string error, params string[] arguments)
    {
        var result = await Command.RunAsync(arguments);

        result.AssertCouldNotRun(error);
    }

    public void Dispose() => _directory.Dispose();

    private string Write(string payload)
    {
        var file = Path.Combine(_directory.Path, "payload.json");
        File.WriteAllText(file, payload);
        return file;
    }
}
