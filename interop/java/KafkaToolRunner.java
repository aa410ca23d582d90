import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's command line tools one after another in one process: each line of standard input is
 * {"tool":"class name","args":[...]}, each line of standard output {"code":0,"output":"...","errors":"..."}.
 */
public final class KafkaToolRunner {
    /** Thrown where the tool would end the process; some tools catch it and end again. */
    private static final class Ended extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final ByteArrayOutputStream OUTPUT = new ByteArrayOutputStream();
    private static Integer endedWith;
    private static String outputAtEnd;

    private static void end(int code) {
        if (endedWith == null) {
            endedWith = code;
            outputAtEnd = OUTPUT.toString(StandardCharsets.UTF_8);
        }
        throw new Ended();
    }

    private static int run(String tool, List<String> args) throws Exception {
        try {
            Class.forName(tool).getMethod("main", String[].class).invoke(null, (Object) args.toArray(new String[0]));
            return endedWith == null ? 0 : endedWith;
        } catch (InvocationTargetException e) {
            if (endedWith != null) return endedWith;
            e.getCause().printStackTrace(System.out);
            return 1;
        }
    }

    public static void main(String[] ignored) throws Exception {
        ObjectMapper json = new ObjectMapper();
        PrintStream answers = System.out;
        Exit.setExitProcedure((code, message) -> end(code));
        Exit.setHaltProcedure((code, message) -> end(code));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            JsonNode command = json.readTree(line);
            List<String> args = new ArrayList<>();
            command.get("args").forEach(arg -> args.add(arg.asText()));
            OUTPUT.reset();
            endedWith = null;
            ByteArrayOutputStream errors = new ByteArrayOutputStream();
            System.setOut(new PrintStream(OUTPUT, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
            int code = run(command.get("tool").asText(), args);
            String output = endedWith == null ? OUTPUT.toString(StandardCharsets.UTF_8) : outputAtEnd;
            answers.println(json.writeValueAsString(
                Map.of("code", code, "output", output, "errors", errors.toString(StandardCharsets.UTF_8))));
            answers.flush();
        }
        Runtime.getRuntime().halt(0);
    }
}
