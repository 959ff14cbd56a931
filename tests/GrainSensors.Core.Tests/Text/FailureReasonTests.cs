using GrainSensors.Core.Text;

namespace GrainSensors.Core.Tests.Text;

public sealed class FailureReasonTests
{
    private const string Trace = "Error from storage provider AdoNet.monitor during ReadStateAsync for grain monitor/37 \n "
        + "Exc level 0: Npgsql.NpgsqlException: Failed to connect\n   at Npgsql.Internal.NpgsqlConnector.Open(Boolean async)";

    [Fact]
    public void A_stack_trace_in_a_message_is_replaced_by_the_first_cause()
    {
        var cause = new IOException("Connection refused.");
        var failure = new InvalidOperationException(Trace, new InvalidOperationException("Failed to connect", cause));

        Assert.Equal(
            "Error from storage provider AdoNet.monitor during ReadStateAsync for grain monitor/37: Connection refused.",
            FailureReason.Of(failure));
    }

    [Fact]
    public void A_stack_trace_without_a_cause_is_cut() =>
        Assert.Equal(
            "Error from storage provider AdoNet.monitor during ReadStateAsync for grain monitor/37",
            FailureReason.Of(new InvalidOperationException(Trace)));

    [Theory]
    [InlineData("The store is locked.", "The store is locked.")]
    [InlineData("syntax error\r\n\r\nPOSITION: 15", "syntax error POSITION: 15")]
    [InlineData("at least one partition is needed", "at least one partition is needed")]
    [InlineData("", "")]
    public void Any_other_message_stands_on_one_line(string message, string expected) =>
        Assert.Equal(expected, FailureReason.Of(new InvalidOperationException(message, new IOException("cause"))));
}
