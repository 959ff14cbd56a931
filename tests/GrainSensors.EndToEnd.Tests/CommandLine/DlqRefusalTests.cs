namespace GrainSensors.EndToEnd.Tests.CommandLine;

/// <summary>Errors of <c>dlq</c>. An error changes nothing, so all tests share one dead letter.</summary>
[Trait("Category", "System")]
public sealed class DlqRefusalTests(DlqRefusalTests.RequeuedLetter letter) : IClassFixture<DlqRefusalTests.RequeuedLetter>
{
    [Theory]
    [InlineData("not-json, not-an-object, no-sensor-id", "list", "--reason", "because")]
    [InlineData("--from must be a time such as", "list", "--from", "soon")]
    [InlineData("--from must be before --to", "list", "--from", "2026-11-25", "--to", "2026-11-24")]
    [InlineData("TOPIC:PARTITION:OFFSET", "list", "--source", "sensor-data:x")]
    [InlineData("--limit", "list", "--limit", "0")]
    [InlineData("no topic \"nowhere\"", "list", "--dlq-topic", "nowhere")]
    [InlineData("no dead letter 0:7", "show", "0:7")]
    [InlineData("no dead letter 9:0", "show", "9:0")]
    [InlineData("0:1 of sensor-data-dlq marks a requeue", "show", "0:1")]
    [InlineData("ID must be PARTITION:OFFSET", "show", "zero")]
    [InlineData("--raw and --json cannot be combined", "show", "0:0", "--raw", "--json")]
    [InlineData("no dead letter 0:7", "requeue", "0:0", "0:7")]
    [InlineData("--all-open", "requeue")]
    [InlineData("--all-open", "requeue", "--limit", "5")]
    [InlineData("--value corrects one dead letter; give one ID.", "requeue", "0:0", "0:2", "--value", "a.json")]
    [InlineData("--value corrects one dead letter; give one ID.", "requeue", "--all-open", "--value", "a.json")]
    [InlineData("--value: \"/nowhere/a.json\" cannot be read: ", "requeue", "0:0", "--value", "/nowhere/a.json")]
    [InlineData("IDs and filters cannot be combined", "requeue", "0:0", "--all-open")]
    public async Task What_cannot_run_is_one_sentence_and_exit_code_2(string offender, params string[] arguments)
    {
        (await letter.Letters.RunAsync(arguments)).AssertCouldNotRun(offender);

        Assert.Single(letter.Letters.Read(DeadLetters.Readings));
    }

    [Fact]
    public async Task A_broker_out_of_reach_is_one_sentence_and_exit_code_2()
    {
        // The commands run together, because each waits ten seconds for the broker.
        string[][] commands = [["list"], ["show", "0:0"], ["requeue", "--all-open"]];
        var results = await Task.WhenAll(commands.Select(command => Command.RunAsync(["dlq", .. command, "--kafka", "127.0.0.1:1"])));

        Assert.All(results, result => result.AssertCouldNotRun("127.0.0.1:1"));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("show", "0:0")]
    [InlineData("requeue", "--all-open")]
    public async Task Without_a_broker_it_names_the_option(params string[] command) =>
        (await Command.RunAsync(["dlq", .. command])).AssertCouldNotRun("--kafka");

    /// <summary>A requeued dead letter, which has a mark and one reading.</summary>
    public sealed class RequeuedLetter : IAsyncLifetime
    {
        internal DeadLetters Letters { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Letters.WriteAsync("garbage");
            await Letters.RunAsync("requeue", "--all-open", "--yes");
        }

        public ValueTask DisposeAsync()
        {
            Letters.Dispose();
            return default;
        }
    }
}
