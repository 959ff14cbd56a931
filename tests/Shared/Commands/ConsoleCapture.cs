using System.Text;

namespace GrainSensors.Tests.Shared;

/// <summary>
/// What a command writes to the console, by the flow of execution that writes it: commands of several tests run in this
/// process at the same time. Everything else goes where it went before.
/// </summary>
internal sealed class ConsoleCapture : IDisposable
{
    private static readonly AsyncLocal<TextWriter?> Output = new();
    private static readonly AsyncLocal<TextWriter?> Error = new();

    static ConsoleCapture()
    {
        Console.SetOut(new Switch(Console.Out, Output));
        Console.SetError(new Switch(Console.Error, Error));
    }

    private ConsoleCapture()
    {
    }

    /// <summary>Takes what this flow, and those that start from it, write until the capture is disposed of.</summary>
    public static ConsoleCapture Begin(TextWriter output, TextWriter error)
    {
        (Output.Value, Error.Value) = (TextWriter.Synchronized(output), TextWriter.Synchronized(error));
        return new();
    }

    public void Dispose() => (Output.Value, Error.Value) = (null, null);

    private sealed class Switch(TextWriter otherwise, AsyncLocal<TextWriter?> captured) : TextWriter
    {
        private TextWriter Current => captured.Value ?? otherwise;

        public override Encoding Encoding => otherwise.Encoding;

        public override void Write(char value) => Current.Write(value);

        public override void Write(char[] buffer, int index, int count) => Current.Write(buffer, index, count);

        public override void Write(ReadOnlySpan<char> buffer) => Current.Write(buffer);

        public override void Write(string? value) => Current.Write(value);

        public override void Flush() => Current.Flush();
    }
}
