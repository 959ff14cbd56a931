using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Yaml;

namespace GrainSensors.ContactPoints;

/// <summary>A YAML file of contact points, a document each. A secret <c>${NAME}</c> is read from the environment.</summary>
internal static class ContactFile
{
    /// <exception cref="UsageException">The file cannot be read, or a contact point is invalid; the message names the line.</exception>
    public static IReadOnlyList<ContactDocument> Read(string path)
    {
        try
        {
            using var reader = path == "-" ? Console.In : File.OpenText(path);
            return Parse(reader, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(e.Message, e);
        }
    }

    /// <param name="path">For messages.</param>
    internal static IReadOnlyList<ContactDocument> Parse(TextReader reader, string path)
    {
        try
        {
            return
            [
                .. ContactYaml.Read(reader).Select(document => document with
                {
                    Secrets = document.Secrets.ToDictionary(secret => secret.Key, secret => Expand(document, secret.Key, secret.Value)),
                }),
            ];
        }
        catch (DocumentException e)
        {
            throw new UsageException(e.In(path), e);
        }
    }

    private static string? Expand(ContactDocument document, string name, string? value) =>
        ContactYaml.VariableOf(value) is { } variable
            ? Environment.GetEnvironmentVariable(variable) ?? throw new UsageException(
                $"The secret {name} of the contact point {document.Name} is in the environment variable {variable}, which is not set.")
            : value;
}
