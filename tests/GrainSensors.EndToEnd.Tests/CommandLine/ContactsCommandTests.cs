namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>The command contacts against a running pipeline.</summary>
[Trait("Category", "System")]
public sealed class ContactsCommandTests(ApiServer server) : IClassFixture<ApiServer>
{
    private string Url => $"{server.Http.BaseAddress}";

    [Fact]
    public async Task Contact_points_of_a_file_are_applied_listed_tested_and_removed()
    {
        using var folder = new TemporaryDirectory();
        await File.WriteAllTextAsync(
            folder.File("ops.yaml"),
            """
            name: ops
            kind: webhook
            settings: { url: "http://127.0.0.1:1/" }
            ---
            name: phone
            kind: ntfy
            enabled: false
            settings: { topic: sensors }
            """,
            TestContext.Current.CancellationToken);
        var applied = await RunAsync("apply", folder.File("ops.yaml"));
        Assert.Equal((0, "Applied the contact point \"ops\".\nApplied the contact point \"phone\"."), (applied.ExitCode, applied.Output));
        var listed = await RunAsync("list");
        Assert.Equal(
            "ops  webhook, store, url=http://127.0.0.1:1/\nphone  ntfy, store, disabled, topic=sensors", listed.Output);
        Assert.Contains("\"kind\":\"ntfy\"", (await RunAsync("list", "--json")).Output, StringComparison.Ordinal);

        (await RunAsync("test", "ops")).AssertCouldNotRun("127.0.0.1:1");
        Assert.Equal((0, ""), ((await RunAsync("dead")).ExitCode, (await RunAsync("dead")).Output));
        Assert.Equal("Requeued 0 notifications.", (await RunAsync("requeue", "--all")).Output);
        Assert.Equal("Removed the contact point \"ops\".", (await RunAsync("remove", "ops")).Output);
        (await RunAsync("remove", "ops")).AssertCouldNotRun("There is no contact point \"ops\"");
    }

    [Fact]
    public async Task A_secret_is_refused_while_no_key_is_configured_and_other_contact_points_are_applied()
    {
        using var folder = new TemporaryDirectory();
        await File.WriteAllTextAsync(
            folder.File("ops.yaml"),
            "name: secret\nkind: slack\nsecrets: { url: \"https://topsecret\" }\n"
            + "---\nname: phone\nkind: ntfy\nsettings: { topic: sensors }",
            TestContext.Current.CancellationToken);
        var refused = await RunAsync("apply", folder.File("ops.yaml"));
        Assert.Equal((3, "Applied the contact point \"phone\"."), (refused.ExitCode, refused.Output));
        Assert.StartsWith("Rejected the contact point \"secret\": ", refused.Error, StringComparison.Ordinal);
        Assert.Contains("set Notifications:SecretKey", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("requeue", "Give one of ID, --all and --contact.")]
    [InlineData("requeue --all --contact a", "Give one of ID, --all and --contact.")]
    [InlineData("apply /no/such/file.yaml", "/no/such/file.yaml")]
    public async Task A_wrong_call_is_refused(string arguments, string error)
    {
        var refused = await RunAsync(arguments.Split(' '));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(error, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_does_not_answer_is_named_with_the_cure()
    {
        var refused = await Command.RunAsync("contacts", "list", "--url", "http://127.0.0.1:1");
        refused.AssertCouldNotRun("No silo answers at http://127.0.0.1:1");
        Assert.Contains("Give --url", refused.Error, StringComparison.Ordinal);
    }

    private Task<Executable.Result> RunAsync(params string[] arguments) =>
        Command.RunAsync(["contacts", .. arguments, "--url", Url]);
}
