using System.Text;

namespace GrainSensors.Terminal;

/// <summary>Standard error that loses what cannot be written: with a full disk or a closed terminal, the exit code remains.</summary>
internal sealed class StandardError(TextWriter writer) : TextWriter
{
    public override Encoding Encoding => writer.Encoding;

    /// <summary>Replaces <see cref="Console.Error"/>.</summary>
    public static void Use() => Console.SetError(Synchronized(new StandardError(Console.Error)));

    public override void Write(char value) => Try(() => writer.Write(value));

    public override void Write(string? value) => Try(() => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => writer.Write(buffer, index, count));

    public override void WriteLine(string? value) => Try(() => writer.WriteLine(value));

    public override void Flush() => Try(writer.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is nowhere left to say it.
        }
    }
}
