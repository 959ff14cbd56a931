namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>The command routes against a running pipeline.</summary>
[Trait("Category", "System")]
public sealed class RoutesCommandTests(ApiServer server) : IClassFixture<ApiServer>
{
    private string Url => $"{server.Http.BaseAddress}";

    [Fact]
    public async Task Routes_of_a_file_are_tested_applied_shown_and_removed()
    {
        using var folder = new TemporaryDirectory();
        var file = folder.File("routes.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            contacts: []
            group_by: [city]
            routes:
              - match: ["severity=critical"]
                continue: true
                group_by: ["..."]
              - match: ['city=~"V.*"']
            """,
            TestContext.Current.CancellationToken);
        string[] labels = ["severity=critical", "city=Valencia"];
        Assert.Equal("no routes  nobody", (await RunAsync(["test", .. labels])).Output);
        const string Expected =
            "{}/{severity=\"critical\"}  nobody; group city=Valencia severity=critical\n{}/{city=~\"V.*\"}  nobody; group city=Valencia";
        Assert.Equal(Expected, (await RunAsync(["test", .. labels, "--file", file])).Output);
        var applied = await RunAsync("apply", file);
        Assert.Equal((0, "Applied version 1 of the routes."), (applied.ExitCode, applied.Output));
        Assert.Equal(Expected, (await RunAsync(["test", .. labels])).Output);

        var shown = await RunAsync("show");
        Assert.Contains("continue: true", shown.Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, shown.Output, TestContext.Current.CancellationToken);
        (await RunAsync("apply", file, "--version-was", "0")).AssertCouldNotRun("The routes have version 1 by now");
        Assert.Equal("Applied version 2 of the routes.", (await RunAsync("apply", file, "--version-was", "1")).Output);
        Assert.Equal(Expected, (await RunAsync(["test", .. labels])).Output);
        Assert.Equal("Removed the routes.", (await RunAsync("remove")).Output);
        Assert.StartsWith("There are no routes", (await RunAsync("show")).Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(file, "contacts: [pigeon]", TestContext.Current.CancellationToken);
        (await RunAsync("apply", file)).AssertCouldNotRun("there is no contact point \"pigeon\"");
        Assert.Equal(2, (await RunAsync("test", "city")).ExitCode);
    }

    private Task<Executable.Result> RunAsync(params string[] arguments) => Command.RunAsync(["routes", .. arguments, "--url", Url]);
}
