using System.Text;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Sources.Messages;

namespace GrainSensors.Map;

/// <summary>The headers that the command line gives to a message.</summary>
internal sealed class GivenHeaders : IMessageHeaders
{
    private readonly Dictionary<string, byte[]> _values = [];

    /// <param name="texts">Each of the form NAME=VALUE.</param>
    /// <exception cref="UsageException">A text has another form.</exception>
    public static GivenHeaders Parse(IEnumerable<string> texts)
    {
        var headers = new GivenHeaders();
        foreach (var text in texts)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            headers._values[at > 0 ? text[..at] : throw new UsageException($"--header must be NAME=VALUE; got \"{text}\".")] =
                Encoding.UTF8.GetBytes(text[(at + 1)..]);
        }

        return headers;
    }

    public ReadOnlySpan<byte> Find(string name) => _values.GetValueOrDefault(name);
}
