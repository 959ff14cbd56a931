using System.Text.Json;
using GrainSensors.Hosting.Configuration;
using GrainSensors.Web.Yaml;

namespace GrainSensors.Routes;

/// <summary>A YAML file of routes. The silo checks the members.</summary>
internal static class RouteFile
{
    /// <exception cref="UsageException">The file cannot be read, or is no YAML document.</exception>
    public static JsonElement Read(string path)
    {
        try
        {
            using var reader = path == "-" ? Console.In : File.OpenText(path);
            return RoutesYaml.Read(reader);
        }
        catch (DocumentException e)
        {
            throw new UsageException(e.In(path), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(e.Message, e);
        }
    }
}
